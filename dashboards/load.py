"""Lay Superset's metadata out and bring the files of ``assets/`` in. Runs in Superset's environment, under its settings.

Everything is overwritten by what the files say: what was changed in the browser lasts only where it is another dashboard.
``CCHC_SUPERSET_MARTS`` is the SQLAlchemy address of the published marts; ``admin_password`` in ``SUPERSET_HOME`` the password.
"""

import os
import sys
from pathlib import Path

import flask_migrate
import yaml
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from superset.app import create_app
from vietnamese import WORDS

ASSETS = Path(__file__).resolve().parent / "assets"
DATABASE = "databases/cchc.yaml"
ADMIN = "admin"


def main() -> int:
    home = Path(os.environ["SUPERSET_HOME"])
    _write_words(home / "translations" / "vi" / "LC_MESSAGES" / "messages.mo")
    app = create_app()
    with app.app_context():
        import superset

        flask_migrate.upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
        _set_admin((home / "admin_password").read_text(encoding="utf-8").strip())
        _import(os.environ["CCHC_SUPERSET_MARTS"])
    return 0


def _write_words(path: Path) -> None:
    """The Vietnamese words as the server reads them; pages in the browser get them by ``superset_config``."""
    catalog = Catalog(locale="vi")
    for english, words in WORDS.items():
        if len(words) == 1:
            catalog.add(english, words[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_mo(file, catalog)


def _set_admin(password: str) -> None:
    from superset import appbuilder, security_manager

    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    user = security_manager.find_user(ADMIN)
    if user is None:
        role = security_manager.find_role("Admin")
        security_manager.add_user(ADMIN, "CCHC", "Quản trị", "admin@localhost.localdomain", role, password=password)
    else:
        security_manager.reset_password(user.id, password)


def _import(marts: str) -> None:
    from superset import security_manager
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.utils.core import override_user

    contents = read_assets()
    database = yaml.safe_load(contents[DATABASE])
    contents[DATABASE] = yaml.safe_dump(database | {"sqlalchemy_uri": marts}, allow_unicode=True)
    with override_user(security_manager.find_user(ADMIN)):
        ImportAssetsCommand(contents).run()
        from roles import dataset_uuids, refresh

        refresh(dataset_uuids(contents))


def read_assets() -> dict[str, str]:
    """The files of the dashboards by their paths, as Superset's import takes them."""
    return {
        path.relative_to(ASSETS).as_posix(): path.read_text(encoding="utf-8") for path in sorted(ASSETS.rglob("*.yaml"))
    }


if __name__ == "__main__":
    sys.exit(main())
