"""What a measurement was made on: processor, cores, memory, instruction sets, versions, load."""

import importlib.metadata
import os
import platform
import re
from pathlib import Path

import psutil

from benchmarks.other_process import FOLDER

# Instruction sets that decide how quick matrix products are, by their names in /proc/cpuinfo.
FAST = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx512_vnni": "VNNI",
    "avx_vnni": "AVX-VNNI",
    "amx_tile": "AMX",
}
PACKAGES = (
    "numpy", "pandas", "pyarrow", "lightgbm", "scipy", "onnxruntime", "qdrant-edge-py", "qdrant-client",
    "usaddress-scourgify", "weasyprint", "dagster", "dbt-core",
)  # fmt: skip
OTHERS = ("torch", "sentence-transformers", "scikit-learn")


def instruction_sets(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[str]:
    """Those of FAST that the processor has; none where the machine does not say."""
    try:
        flags = set(re.findall(r"(?m)^flags\s*:\s*(.*)$", cpuinfo.read_text())[0].split())
    except (OSError, IndexError):
        return []
    return [name for flag, name in FAST.items() if flag in flags]


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The model's name."""
    try:
        return re.findall(r"(?m)^model name\s*:\s*(.*)$", cpuinfo.read_text())[0].strip()
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """One line."""
    memory = psutil.virtual_memory().total / 2**30
    fast = ", ".join(instruction_sets()) or "none known of"
    missing = [name for name in FAST.values() if name not in instruction_sets()]
    without = f" (no {', '.join(missing)})" if missing else ""
    return f"{processor()}, {cores()} cores, {memory:.0f} GB, {fast}{without}; {platform.system()}"


def versions() -> str:
    """Python and what the rows are made with; the alternatives' own where they are installed."""
    own = {name: importlib.metadata.version(name) for name in PACKAGES}
    for found in importlib.metadata.distributions(
        path=[str(each) for each in FOLDER.glob("lib/*/site-packages")]
    ):
        if (name := found.name.replace("_", "-")) in OTHERS:
            own[name] = found.version
    return f"Python {platform.python_version()}, " + ", ".join(f"{name} {v}" for name, v in own.items())


def load() -> float:
    """Processes that wanted the cores, the mean of the last minute."""
    return os.getloadavg()[0]
