"""`realestate serve`: the service, on this machine alone unless told otherwise."""

from typing import Annotated

import typer

from realestate_assets.cli.errors import Verbose, err, readable_errors


@readable_errors
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: SERVICE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. Default: SERVICE_PORT.")] = None,
    verbose: Verbose = False,
) -> None:
    """Run the service: API, sign-in and health, over the same data as the graph, until stopped."""
    import uvicorn

    from realestate_assets.operations.migrate import migrate
    from realestate_assets.operations.services import build_services
    from realestate_assets.service.application import create_app
    from realestate_assets.service.parts import build_parts
    from realestate_assets.settings import get_settings

    settings = get_settings()
    resources = build_services(settings)
    migrate(resources["warehouse"])
    parts = build_parts(settings, resources)
    chosen, listen = host or settings.service_host, port or settings.service_port
    shown = "localhost" if chosen in ("127.0.0.1", "::1") else chosen
    err.print(f"The service http://{shown}:{listen}, its API http://{shown}:{listen}/docs", highlight=False)
    # Its own lines repeat what the service logs of each request, with the query in it.
    uvicorn.run(
        create_app(parts, works_in_background=True),
        host=chosen,
        port=listen,
        log_config=None,
        access_log=False,
        server_header=False,
        # Whom to believe about that the service says itself (TRUSTED_PROXIES); it has no web sockets.
        proxy_headers=False,
        ws="none",
        # A stream is told to end, and not waited for as long as it may go on.
        timeout_graceful_shutdown=10,
    )
