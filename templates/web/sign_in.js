"use strict";
// The form goes to the API, which answers with a cookie that no script can read.
{
  const form = document.getElementById("sign-in");
  const said = document.getElementById("said");
  const tell = (text) => {
    said.textContent = text;
    said.hidden = false;
  };
  const wrong = "Address or password are not right. After five failures an account waits a minute, "
    + "with each further one twice as long.";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    said.hidden = true;
    const body = { email: form.email.value.trim(), password: form.password.value };
    if (form.tenant.value.trim()) body.tenant = form.tenant.value.trim();
    let answer = null;
    try {
      answer = await fetch("/api/v1/auth/session", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
      });
    } catch {
      tell("The connection is lost. Try again.");
    }
    button.disabled = false;
    if (answer === null) return;
    if (answer.ok) {
      location.assign(form.dataset.next);
    } else if (answer.status === 429) {
      tell(`Too many tries from here. Wait ${answer.headers.get("Retry-After") ?? 60} seconds, then try again.`);
    } else if (answer.status >= 500) {
      tell("The platform does not answer just now. Try again in a moment.");
    } else {
      tell(wrong);
      form.password.select();
    }
  });
}
