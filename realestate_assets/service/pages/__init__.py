"""The pages of the service: routes that read and show. What a page writes, it writes by the API."""
