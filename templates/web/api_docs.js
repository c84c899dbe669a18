"use strict";
// The page of the API: what the service says of itself, read and tried in the browser.
window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  // Its own default asks a server of its makers.
  validatorUrl: null,
  persistAuthorization: false,
});
