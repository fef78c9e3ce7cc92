"""``python -m stand_ins``: start the stand-ins, say where they are, stay until told to stop."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from stand_ins.serve import ALL, start


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; 0 then, 1 when a port is taken or the seeds can't be used."""
    options = _parser().parse_args(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        stand_ins = start(
            seeds=options.seeds,
            mailbox=options.mailbox,
            seed=options.seed,
            dossiers=options.dossiers,
            errors=not options.no_errors,
            portal_port=options.portal_port,
            edoc_port=options.edoc_port,
            smtp_port=options.smtp_port,
            inbox_port=options.inbox_port,
            only=tuple(options.only.split(",")),
            starttls=options.starttls,
            with_offset=options.with_offset,
        )
    except (OSError, ValueError) as error:
        print(f"stand-ins did not start: {error}", file=sys.stderr)
        return 1
    with stand_ins:
        told = {
            "pid": os.getpid(),
            "portal_url": stand_ins.portal_url,
            "edoc_url": stand_ins.edoc_url,
            "smtp_url": stand_ins.smtp_url,
            "inbox_url": stand_ins.inbox_url,
            "client_id": stand_ins.client_id,
            "client_secret": stand_ins.client_secret,
            "mailbox": str(stand_ins.mailbox.resolve()),
            "smtp_certificate": str(stand_ins.smtp_certificate or ""),
        }
        text = json.dumps(told, indent=2) + "\n"
        if options.ready_file:
            writing = options.ready_file.with_name(options.ready_file.name + ".writing")
            writing.touch(mode=0o600)
            writing.write_text(text)
            writing.replace(options.ready_file)
        else:
            print(text, end="", flush=True)
        stopped.wait()
    if options.ready_file:
        options.ready_file.unlink(missing_ok=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stand_ins", description=__doc__)
    parser.add_argument("--seeds", type=Path, required=True, help="folder with agencies.csv and indicators.csv")
    parser.add_argument("--mailbox", type=Path, required=True, help="folder for the mails, one .eml each")
    parser.add_argument("--ready-file", type=Path, help="written (JSON) once everything listens; else printed")
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--dossiers", type=int, default=20_000)
    parser.add_argument("--no-errors", action="store_true", help="a province in which every rule holds")
    parser.add_argument("--portal-port", type=int, default=0)
    parser.add_argument("--edoc-port", type=int, default=0)
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--inbox-port", type=int, help="a page on the mails; none where left out")
    parser.add_argument("--only", default=",".join(ALL), help="some of portal,edoc,smtp")
    parser.add_argument("--starttls", action="store_true", help="offer STARTTLS with a certificate of our own")
    parser.add_argument("--with-offset", action="store_true", help="times with +07:00")
    return parser


if __name__ == "__main__":
    sys.exit(main())
