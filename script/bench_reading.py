"""The parts of script/bench that measure reading without a network: read and classify."""
from statistics import median

import rig

# What the readers are held to: name, what it is, unit, bound, whether more is better.
READ_BOUNDS = [
    ("decode", "mails decoded, a second", 15_000, True),
    ("meaning_us", "kind and new text of a mail, µs", 30, False),
    ("html_text_mb", "HTML → text, MB a second", 20, True),
    ("html_safe_mb", "HTML → safe HTML, MB a second", 15, True),
    ("nested_ms", "100,000 parts inside each other, ms", 50, False),
    ("large_s", "a mail of 100 MB, s", 1, False),
    ("large_memory", "its memory, × its size", 3, False)]
CLASSIFY_BOUNDS = [
    ("zh_texts", "Chinese texts classified, a second of one core", 100_000, True),
    ("zh_explained", "the same with evidence", 50_000, True),
    ("en_texts", "English texts classified, a second of one core", 100_000, True),
    ("en_explained", "the same with evidence", 50_000, True),
    ("load_ms", "a model file loaded, ms", 10, False),
    ("memory_mb", "memory for the classifier, MB", 10, False)]


class ReadingParts:
    def read(self):
        program = rig.build("read-bench")
        folder = self.work / "eml"
        rig.mails(self.sizes.intake, folder)
        runs = [self.figures(program, folder) for _ in range(self.runs)]
        values = {name: median(run[name] for run in runs) for name in runs[0]}
        values["meaning_us"] = values["kind_us"] + values["reply_us"]
        nested = self.work / "nested.eml"
        nested.write_text("Subject: nested\r\n" + "".join(
            f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(100_000)) + "\r\ntext")
        values["nested_ms"] = median(self.figures(program, "file", nested)["seconds"] for _ in range(self.runs)) * 1000
        large = self.work / "large.eml"
        with open(large, "wb") as file:
            file.write(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
                       b"Content-Type: application/pdf; name=large.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
            for _ in range(1_300_000):
                file.write(b"A" * 76 + b"\r\n")
            file.write(b"--b--\r\n")
        values["large_s"] = median(self.figures(program, "file", large)["seconds"] for _ in range(self.runs))
        values["large_memory"] = rig.Run([program, "file", large]).peak_mb * (1 << 20) / large.stat().st_size
        self.results["read"] = values
        self.hold_all(values, READ_BOUNDS)

    def classify(self):
        program = rig.build("classify-bench")
        model = rig.ROOT / "Sources/CColdStart/cold-start.model"
        runs = [self.figures(program, model) for _ in range(self.runs)]
        values = {name: median(run[name] for run in runs) for name in runs[0]}
        self.results["classify"] = values
        self.hold_all(values, CLASSIFY_BOUNDS)

    def hold_all(self, values, bounds):
        for name, what, bound, is_more_better in bounds:
            if (values[name] < bound) if is_more_better else (values[name] > bound):
                self.complaints.append(f"{what}: {values[name]:,.2f}, the bound is {bound:,}")

    def figures(self, program, *arguments):
        lines = rig.Run([program, *arguments]).output.splitlines()
        return {name: float(value) for name, value in (line.split() for line in lines)}
