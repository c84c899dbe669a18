"use strict";
// Light or dark as the reader chose, before anything is drawn; without a choice the system's.
{
  let kept = null;
  try {
    kept = localStorage.getItem("theme");
  } catch {
    // A browser that keeps nothing follows the system.
  }
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  const order = ["system", "light", "dark"];
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const name = document.getElementById("theme-name");
    const show = () => {
      name.textContent = document.documentElement.dataset.theme ?? "system";
    };
    button.hidden = false;
    show();
    button.addEventListener("click", () => {
      const now = document.documentElement.dataset.theme ?? "system";
      const next = order[(order.indexOf(now) + 1) % order.length];
      if (next === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      try {
        if (next === "system") localStorage.removeItem("theme");
        else localStorage.setItem("theme", next);
      } catch {
        // It holds for this page.
      }
      show();
    });
  });
}
