"""A copy of a part of the workspace: the crates that are changed and their dependencies, with one test each."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

from listed import ListError, Mutant

# The members to copy. A crate whose conformance test needs another crate of the repository has to add it here.
MEMBERS = ["proto-core", "proto-unix", "tests/tutorial"]

TEST = "conformance"

# The time limit for one crate's suite, in seconds; it takes three. A mutant that hangs is killed by the time limit.
PATIENCE = 30

FAILED = re.compile(r"^test (\S+) \.\.\. FAILED$", re.MULTILINE)


class Workspace:
    """The copied workspace."""

    def __init__(self, root: Path, copy: Path, target: Path | None, jobs: int) -> None:
        self.copy = copy
        self.jobs = ["--jobs", str(jobs)] if jobs else []
        # The duration of the last test run, without building it.
        self.seconds = 0.0
        # Lints are not kills, and debug information is not needed.
        self.environment = os.environ | {
            "CARGO_TARGET_DIR": str(target.absolute() if target else copy / "target"),
            "CARGO_PROFILE_DEV_DEBUG": "0",
            "CARGO_TERM_COLOR": "never",
            "RUSTFLAGS": "--cap-lints=warn",
        }
        manifest = (root / "Cargo.toml").read_text()
        members = "".join(f'    "{member}",\n' for member in MEMBERS)
        manifest = re.sub(r"^members = \[.*?^\]", f"members = [\n{members}]", manifest, count=1, flags=re.M | re.S)
        (copy / "Cargo.toml").write_text(manifest)
        for file in ["Cargo.lock", "rust-toolchain.toml"]:
            shutil.copy(root / file, copy / file)
        elsewhere = others(tomllib.loads(manifest))
        for member in MEMBERS:
            self.take(root / member, copy / member, elsewhere)

    def take(self, crate: Path, copy: Path, elsewhere: set[str]) -> None:
        """Copies a crate: its library, its conformance test, and those of its dependencies that are copied too."""
        # A program would need the whole product. The copies are new files, since a kept target directory may contain
        # the last mutant of an earlier run.
        without = shutil.ignore_patterns("main.rs")
        shutil.copytree(crate / "src", copy / "src", ignore=without, copy_function=shutil.copy)
        if (crate / "tests" / f"{TEST}.rs").is_file():
            (copy / "tests").mkdir()
            shutil.copy(crate / "tests" / f"{TEST}.rs", copy / "tests")
            if (crate / "tests" / TEST).is_dir():
                shutil.copytree(crate / "tests" / TEST, copy / "tests" / TEST)
        kept, section = [], ""
        for line in (crate / "Cargo.toml").read_text().splitlines():
            if line.startswith("["):
                section = line
            name = re.match(r"[\w-]+", line)
            is_missing = section.endswith("dependencies]") and name and name[0] in elsewhere
            if section != "[[bin]]" and not is_missing:
                kept.append(line)
        (copy / "Cargo.toml").write_text("\n".join(kept) + "\n")

    @contextlib.contextmanager
    def changed(self, mutant: Mutant) -> Iterator[None]:
        """Applies a mutant for the duration of the context."""
        before: dict[Path, str] = {}
        try:
            for edit in mutant.edits:
                file = self.copy / edit.file
                text = file.read_text()
                before.setdefault(file, text)
                if (count := text.count(edit.text)) != 1:
                    raise ListError(f"{edit.file} has the text {count} times: {edit.text}")
                self.write(file, text.replace(edit.text, edit.replacement))
            yield
        finally:
            for file, text in before.items():
                self.write(file, text)

    def write(self, file: Path, text: str) -> None:
        """Writes a file, with a newer time than before so that cargo rebuilds it."""
        old = file.stat().st_mtime
        file.write_text(text)
        if file.stat().st_mtime <= old:
            os.utime(file, (old + 1, old + 1))

    def test(self, crate: str) -> str:
        """Builds and runs the test of a crate. Returns the cases that failed, or an empty string if all passed.

        Raises ListError if it does not build.
        """
        command = ["cargo", "test", "--offline", "--quiet", *self.jobs, "--test", TEST]
        at = self.copy / crate
        build = subprocess.run([*command, "--no-run"], cwd=at, env=self.environment, capture_output=True, text=True)
        if build.returncode != 0:
            raise ListError(f"does not build: {build.stderr[-3000:]}")
        # Not quiet, since the names of the cases are needed.
        command.remove("--quiet")
        started = time.monotonic()
        # A process group of its own, so that the test and its children can be killed together.
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        test = subprocess.Popen(command, cwd=at, env=self.environment, start_new_session=True, **pipes)
        late = ""
        try:
            output, _ = test.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(test.pid, signal.SIGKILL)
            output, _ = test.communicate()
            late = f"the time limit of {PATIENCE} s"
        except BaseException:
            os.killpg(test.pid, signal.SIGKILL)
            raise
        finally:
            self.seconds = time.monotonic() - started
        failed = FAILED.findall(output)
        if test.returncode == 0:
            return ""
        if not failed:
            return late or f"an exit of the test program with code {test.returncode}"
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        return f"{failed[0]}{more}" + (f", then {late}" if late else "")


def others(manifest: dict) -> set[str]:
    """The names of the workspace's own crates that are not copied."""
    names = set()
    for name, wanted in manifest["workspace"]["dependencies"].items():
        if isinstance(wanted, dict) and "path" in wanted and wanted["path"] not in MEMBERS:
            names.add(name)
    # The tests' own helper crate is not listed there.
    return names | {"braid-tests"}
