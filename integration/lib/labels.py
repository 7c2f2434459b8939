"""A security label provider, compiled when a case needs it."""

import pathlib

from servers import checked

SOURCE = pathlib.Path(__file__).resolve().parent / "label_provider.c"


def load_provider(case, *databases):
    """Sessions of the databases have the provider `ghosts`, and those of the case's own."""
    library = case.dir / "label_provider.so"
    if not library.exists():
        checked(["gcc", "-Wall", "-Werror", "-O1", "-shared", "-fPIC", f"-DSERVER_VERSION={case.server.version}",
                 "-o", str(library), str(SOURCE)])
    for database in databases or [case.database]:
        case.superuser(f"ALTER DATABASE \"{database}\" SET session_preload_libraries = '{library}'")
