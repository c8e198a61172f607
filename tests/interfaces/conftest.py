"""What the tests of the command share."""

from collections.abc import Callable

import pytest

from counterpull.interfaces.cli import main


@pytest.fixture
def command(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Run `counterpull` with arguments in this process: exit code, stdout, stderr."""

    def of(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["counterpull", *arguments])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return of
