"""Fails when it is imported; the others serve."""

import no_such_module_anywhere  # noqa: F401
