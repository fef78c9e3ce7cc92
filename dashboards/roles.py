"""Who looks at the dashboards beside the administrator. Runs in Superset's environment, within its app.

- A viewer sees the dashboards, every row of their datasets, and changes nothing.
- An agency's user is a viewer whose role carries rules of row-level security: its own rows, and the province's. They mirror what
  PostgreSQL shows the agency's own log-in.
"""

from __future__ import annotations

import yaml
from superset import db, security_manager
from superset.connectors.sqla.models import RowLevelSecurityFilter, SqlaTable

VIEWER = "Người xem"
_AGENCY = "Cơ quan "
#: Of what Superset's own role for readers may do, the part that writes.
_WRITES = (
    "can_write",
    "can_add",
    "can_edit",
    "can_delete",
    "can_duplicate",
    "can_set_embedded",
    "can_tag",
    "can_import_",
)


def refresh(datasets: list[str]) -> None:
    """Let viewers read exactly these datasets (their UUIDs), and every agency's rules stand on each of them."""
    tables = db.session.query(SqlaTable).filter(SqlaTable.uuid.in_(datasets)).all()
    role = security_manager.add_role(VIEWER)
    reads = [
        permission
        for permission in security_manager.find_role("Gamma").permissions
        if not permission.permission.name.startswith(_WRITES)
        and (permission.permission.name != "menu_access" or permission.view_menu.name == "Dashboards")
    ]
    role.permissions = reads + [
        security_manager.add_permission_view_menu("datasource_access", table.perm) for table in tables
    ]
    for rule in db.session.query(RowLevelSecurityFilter).filter(RowLevelSecurityFilter.name.startswith(_AGENCY)):
        db.session.delete(rule)
    for known in security_manager.get_all_roles():
        if known.name.startswith(_AGENCY):
            _restrict(known, tables)
    db.session.commit()


def set_user(name: str, password: str, agency_code: str, datasets: list[str]) -> None:
    """Make the user, or give it this password and these roles; of an agency where ``agency_code`` is not empty.

    Raises ``ValueError`` for the name of somebody who is no viewer.
    """
    if agency_code:
        security_manager.add_role(_AGENCY + agency_code)
    refresh(datasets)
    roles = [security_manager.find_role(VIEWER)]
    roles += [security_manager.find_role(_AGENCY + agency_code)] if agency_code else []
    user = security_manager.find_user(name)
    if user is None:
        mail = f"{name}@localhost.localdomain"
        user = security_manager.add_user(name, name, agency_code or VIEWER, mail, roles, password=password)
    elif VIEWER not in [role.name for role in user.roles]:
        raise ValueError(f"{name} is somebody's already, who is no viewer")
    user.roles = roles
    security_manager.reset_password(user.id, password)
    db.session.commit()


def dataset_uuids(contents: dict[str, str]) -> list[str]:
    """The UUIDs of the datasets among the assets' files."""
    return [yaml.safe_load(text)["uuid"] for path, text in contents.items() if path.startswith("datasets/")]


def _restrict(role: object, tables: list[SqlaTable]) -> None:
    code = role.name.removeprefix(_AGENCY).replace("'", "''")
    for table in tables:
        columns = {column.column_name for column in table.columns}
        if "agency_code" not in columns:
            continue  # the province's figures
        own = f"agency_code = '{code}'"
        rule = RowLevelSecurityFilter(
            name=f"{role.name}: {table.table_name}",
            filter_type="Regular",
            clause=f"({own} or is_province)" if "is_province" in columns else own,
            roles=[role],
            tables=[table],
        )
        db.session.add(rule)
