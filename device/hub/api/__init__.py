"""HTTP of the hub: routes, authentication, rate and concurrency limits, the OpenAPI document."""
