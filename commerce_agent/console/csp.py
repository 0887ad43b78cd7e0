"""What the console's pages may load and run."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        # The theme's Alpine build compiles the expressions of its own templates; that needs 'unsafe-eval'.
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        # Product pictures live on the merchant's own image servers.
        "img-src 'self' https: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        # The page where the assistant is tried holds the shop's own chat.
        "frame-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
"""The Content-Security-Policy of every page below /admin/."""
