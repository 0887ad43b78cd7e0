"""How headless Chromium is started, wherever it is driven: nothing beside the page asks anybody anything."""

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
    # A page that a test answers itself counts as one of the wide web, which may not speak to this machine.
    "--disable-features=LocalNetworkAccessChecks",
]
