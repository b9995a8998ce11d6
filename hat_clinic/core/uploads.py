"""How files come in: into memory, up to a limit, and never onto a disc."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

# One byte more than any file we take, so that a form sees that it was too big.
MOST_BYTES = 8 * 1024 * 1024 + 1


class MemoryUploadHandler(FileUploadHandler):
    """Keeps the beginning of an uploaded file in memory and drops what goes beyond the limit.

    Django's own handlers write a file above 2.5 MB into the temporary folder of the machine, where a photo of
    somebody has no business. What is cut here is longer than every form allows, and refused there in words.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin with nothing."""
        super().new_file(*args, **kwargs)
        self.kept = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep what still fits."""
        self.kept.write(raw_data[: max(0, MOST_BYTES - self.kept.tell())])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return what was kept."""
        size = self.kept.tell()
        self.kept.seek(0)
        return InMemoryUploadedFile(
            file=self.kept,
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type,
            size=size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
