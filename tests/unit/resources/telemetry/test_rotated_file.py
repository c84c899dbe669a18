"""The log file that several processes share."""

import logging
import multiprocessing

from resources.telemetry.rotated_file import SharedFileHandler


def write(path, name, count):
    handler = SharedFileHandler(path, max_bytes=2000, kept=500)
    for number in range(count):
        handler.emit(logging.makeLogRecord({"msg": f"{name}-{number:04d} " + "x" * 40}))


def read(folder) -> list[str]:
    return [line for file in folder.iterdir() if not file.name.endswith(".lock")
            for line in file.read_text().splitlines()]  # fmt: skip


def test_a_full_file_is_moved_aside_and_the_oldest_goes(tmp_path):
    path = tmp_path / "logs" / "a.jsonl"
    handler = SharedFileHandler(path, max_bytes=100, kept=2)
    for number in range(12):
        handler.emit(logging.makeLogRecord({"msg": f"line {number:02d} " + "x" * 30}))
    handler.close()
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == ["a.jsonl", "a.jsonl.1", "a.jsonl.2", "a.jsonl.lock"]
    assert sorted(line[5:7] for line in read(path.parent)) == ["06", "07", "08", "09", "10", "11"]
    assert all(file.stat().st_size <= 100 for file in path.parent.iterdir())


def test_two_processes_lose_and_mix_no_line_while_the_file_rotates(tmp_path):
    path = tmp_path / "a.jsonl"
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=write, args=(path, name, 300)) for name in ("a", "b")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wanted = sorted(f"{name}-{number:04d} " + "x" * 40 for name in ("a", "b") for number in range(300))
    assert sorted(read(tmp_path)) == wanted


def test_a_disk_that_takes_no_more_costs_the_lines_alone_and_that_is_told_once(tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("")
    handler = SharedFileHandler(blocked / "a.jsonl")
    for _ in range(2):
        handler.emit(logging.makeLogRecord({"msg": "lost"}))
    said = f"Log lines are lost until {blocked}/a.jsonl takes them: File exists\n"
    assert capsys.readouterr().err == said
    blocked.unlink()
    handler.emit(logging.makeLogRecord({"msg": "kept"}))
    assert (blocked / "a.jsonl").read_text() == "kept\n"
