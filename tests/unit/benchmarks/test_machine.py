"""What a measurement says of its machine."""

from benchmarks.machine import instruction_sets, machine, processor, versions

CPUINFO = """processor\t: 0
model name\t: Some Chip 9000
flags\t\t: fpu avx2 avx512f amx_tile

processor\t: 1
model name\t: Some Chip 9000
"""


def test_processor_and_instruction_sets_are_read_from_what_the_system_tells(tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text(CPUINFO)
    assert processor(file) == "Some Chip 9000"
    assert instruction_sets(file) == ["AVX2", "AVX-512", "AMX"]
    assert instruction_sets(tmp_path / "none") == []
    assert processor(tmp_path / "none")


def test_machine_and_versions_are_a_line_each():
    assert " cores, " in machine()
    assert "lightgbm " in versions()
    assert "\n" not in machine() + versions()
