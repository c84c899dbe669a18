"""Known faults of the locked packages, as PyPI tells them: `make audit`.

Not a gate: it asks the network, and what it says changes without a commit. Exit code 1 where a package has a
fault that is known. What could not be asked for is said, and is not held against the lock.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
AUDIT = Path(sys.executable).parent / "pip-audit"


def verdict(asked: list[dict[str, Any]]) -> tuple[int, str]:
    """Exit code and what to say.

    Args:
        asked: pip-audit's `dependencies`: name, version, and vulns, or skip_reason where nothing is known.
    """
    skipped = [each for each in asked if "skip_reason" in each]
    faulty = [each for each in asked if each.get("vulns")]
    lines = [
        f"{each['name']} {each['version']}: {fault['id']}, mended in {fault['fix_versions'] or 'none yet'}"
        for each in faulty
        for fault in each["vulns"]
    ]
    if skipped:
        lines.append(
            f"NOT CHECKED: of {len(skipped)} of {len(asked)} packages nothing could be learned from here."
        )
    if faulty:
        lines.append("Mend them: a newer version in pyproject.toml, then make lock.")
    elif not skipped:
        lines.append(f"No known fault in {len(asked)} packages.")
    return int(bool(faulty)), "\n".join(lines)


def main() -> int:
    """Ask, and print what was said; 0 where nobody could be asked at all."""
    locked = ["--requirement", "requirements.lock", "--require-hashes", "--disable-pip"]
    command = [str(AUDIT), *locked, "--format", "json", "--progress-spinner", "off", "--timeout", "15"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        asked = json.loads(done.stdout)["dependencies"]
    except ValueError:
        reason = (done.stderr.strip() or "it gave no reason").splitlines()[-1]
        print(f"NOT CHECKED: pip-audit could not ask anybody: {reason}")
        return 0
    code, said = verdict(asked)
    print(said)
    return code


if __name__ == "__main__":
    sys.exit(main())
