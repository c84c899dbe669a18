"use strict";
// The menu of the account: closed by Escape and by a click elsewhere; signing out.
{
  const account = document.getElementById("account");
  const token = document.querySelector('meta[name="csrf-token"]').content;
  document.addEventListener("click", (event) => {
    if (!account.contains(event.target)) account.open = false;
  });
  account.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    account.open = false;
    account.querySelector("summary").focus();
  });
  document.getElementById("sign-out").addEventListener("click", async () => {
    const answer = await fetch("/api/v1/auth/logout", { method: "POST", headers: { "X-CSRF-Token": token } });
    // Whose sign-in has ended already is signed out too.
    if (answer.ok || answer.status === 401) location.assign("/sign-in");
  });
}
