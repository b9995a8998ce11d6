"""Stands in for the project's manage.py: answers in an instant, and writes down what it was called with."""

import json
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(words: list[str]) -> int:
    call = {"words": words, "cwd": str(Path.cwd()), "environment": dict(os.environ)}
    with (HERE / "calls.jsonl").open("a") as file:
        file.write(json.dumps(call) + "\n")
    if words == ["make_demo"]:
        sign_in = {"role": "nurse", "label": "Nina Nurse (invented)", "email": "nurse@demo.example"}
        sign_ins = [{**sign_in, "password": "an invented password"}]
        print(json.dumps({"sign_ins": sign_ins, "terminal": "/terminal/enrol/an-invented-token/"}))
    elif words[0] == "code":
        print("123456")
    elif words[0] == "wait":
        (HERE / "waiting").touch()
        time.sleep(60)
    elif words[0] == "fail":
        return 7
    return 0


sys.exit(main(sys.argv[1:]))
