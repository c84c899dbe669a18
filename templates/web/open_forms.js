"use strict";
// Forms of people who are not signed in. No cookie goes along: what they may do, the token in the form says.
for (const form of document.querySelectorAll("form[data-open]")) {
  const said = document.getElementById("said");
  const done = document.getElementById("done");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    const body = Object.fromEntries(new FormData(form));
    button.disabled = true;
    said.hidden = true;
    let answer = null;
    let value = null;
    try {
      answer = await fetch(`/api/v1${form.dataset.open}`, {
        method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      value = text ? JSON.parse(text) : null;
    } catch {
      // The connection is lost, or a proxy answers with a page of its own.
    }
    button.disabled = false;
    if (answer?.ok) {
      form.hidden = true;
      done.hidden = false;
      done.focus();
      return;
    }
    said.textContent = answer ? saidOf(answer, value) : "The connection is lost. Try again.";
    said.hidden = false;
  });
}
