"use strict";
// Forms and buttons that write by the API. What worked is shown by the page read anew; what is refused is said.
{
  const said = document.getElementById("said");

  // A text as the kind of value that a field takes; what is none goes as it is, and the API says so.
  const typed = (kind, text) => {
    const plain = text.trim();
    if (kind === "boolean") return { yes: true, true: true, no: false, false: false }[plain.toLowerCase()] ?? plain;
    if (kind !== "float" && kind !== "integer") return plain;
    const number = Number(plain.replaceAll(",", ""));
    return plain === "" || Number.isNaN(number) ? plain : number;
  };

  const bodyOf = (form) => {
    const body = {};
    for (const field of form.elements) {
      if (!field.name) continue;
      if ("list" in field.dataset) {
        body[field.name] ??= [];
        if (field.checked) body[field.name].push(field.value);
      } else if ("flag" in field.dataset) {
        body[field.name] = field.checked;
      } else if ("json" in field.dataset) {
        body[field.name] = JSON.parse(field.value);
      } else if (field.dataset.typedBy) {
        const kind = form.elements[field.dataset.typedBy].selectedOptions[0].dataset.kind;
        body[field.name] = typed(kind, field.value);
      } else {
        body[field.name] = "number" in field.dataset ? Number(field.value) : field.value;
      }
    }
    return body;
  };

  const write = async (button, method, path, body, { shows, goes, done } = {}, form = null) => {
    button.disabled = true;
    const answer = await callApi(method, path, body);
    button.disabled = false;
    said.hidden = answer.ok;
    if (!answer.ok) {
      said.textContent = answer.said;
      said.scrollIntoView({ block: "nearest" });
    } else if (done) {
      form.reset();
      document.getElementById(done).hidden = false;
      document.getElementById(done).focus();
    } else if (shows) {
      document.getElementById(`${shows}-key`).textContent = answer.value.key;
      document.getElementById(shows).hidden = false;
      document.getElementById(shows).scrollIntoView({ block: "center" });
    } else if (goes) {
      location.assign(goes);
    } else {
      location.reload();
    }
  };

  for (const form of document.querySelectorAll("form[data-api]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = event.submitter ?? form.querySelector("button");
      write(button, form.dataset.method, form.dataset.api, bodyOf(form), form.dataset, form);
    });
  }
  for (const button of document.querySelectorAll("button[data-call]")) {
    button.addEventListener("click", () => {
      const body = button.dataset.body ? JSON.parse(button.dataset.body) : undefined;
      write(button, button.dataset.method, button.dataset.call, body);
    });
  }
}
