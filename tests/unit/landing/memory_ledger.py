"""The ledger of landed files in memory, for looks at a folder without a warehouse."""

from dataclasses import replace

from realestate_assets.landing.states import LandedFile


class Ledger:
    """The ledger in memory: what a look writes, and nothing that was read before."""

    def __init__(self):
        self.files: dict[str, LandedFile] = {}

    def of_paths(self, paths):
        return {path: self.files[path] for path in paths if path in self.files}

    def unasked(self):
        return [
            file
            for file in self.files.values()
            if file.state in ("waiting", "admitted", "duplicate") and not file.batch
        ]

    def admitted_with(self, hashes):
        return [file for file in self.files.values() if file.state == "admitted" and file.sha256 in hashes]

    def after_batch(self, batch):
        return [file for file in self.files.values() if (file.batch or 0) > batch]

    def write(self, files):
        self.files |= {file.path: file for file in files}

    def months_of(self, county_slug, sources):
        wanted = {(county_slug, source) for source in sources}
        admitted = [file for file in self.files.values() if file.state == "admitted"]
        return {m for file in admitted if (file.county_slug, file.source) in wanted for m in file.months}

    def number(self, files):
        batch = 1 + max((file.batch or 0 for file in self.files.values()), default=0)
        self.files |= {file.path: replace(file, batch=batch) for file in files}

    def forget(self, paths):
        for path in paths:
            self.files.pop(path, None)
