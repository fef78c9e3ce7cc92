"""Make a viewer, or an agency's user, in Superset's metadata. Runs in Superset's environment (``dashboards.login`` starts it).

Name and agency are arguments; the password comes by standard input, so that no list of processes shows it.
"""

import sys

from load import read_assets
from superset.app import create_app


def main() -> int:
    name, agency_code = sys.argv[1:]
    with create_app().app_context():
        from roles import dataset_uuids, set_user

        try:
            set_user(name, sys.stdin.readline().strip(), agency_code, dataset_uuids(read_assets()))
        except ValueError as error:
            sys.exit(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
