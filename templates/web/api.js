"use strict";
// Writes go to the API with the token of this page; what it refuses is said in its own words.

const CSRF = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

async function callApi(method, path, body) {
  const headers = { "X-CSRF-Token": CSRF, Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method, headers, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    return { ok: false, status: 0, said: "The connection is lost. Nothing was sent; try again." };
  }
  const text = await answer.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    // A proxy before the service may answer with a page of its own.
  }
  return { ok: answer.ok, status: answer.status, value, said: answer.ok ? "" : saidOf(answer, value) };
}

function saidOf(answer, value) {
  if (answer.status === 401) return "Your sign-in has ended. Sign in again.";
  if (answer.status === 429) return `Too many tries. Wait ${answer.headers.get("Retry-After") ?? 60} seconds.`;
  const errors = (value?.errors ?? []).map((each) => `${each.field.replace(/^body\./, "")}: ${each.message}`);
  return [value?.detail ?? "That did not work.", ...errors].join(" ");
}
