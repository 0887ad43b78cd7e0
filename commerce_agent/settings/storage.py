"""Where production serves static files from."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


# WhiteNoise has no types, so its class is Any to mypy.
class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Compressed files under names that hold their hash; imports between JavaScript modules follow the
    names.
    """

    support_js_module_import_aggregation = True
