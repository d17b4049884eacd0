"""Static files are compressed once, with the effort that the occasion is worth."""

from __future__ import annotations

import brotli
import pytest
from whitenoise.compress import Compressor

from gridcity.storage import StaticFilesStorage

SCRIPT = b"".join(b"export const part%d = () => %d;\n" % (n, n * n) for n in range(3000))


@pytest.fixture
def compressed(settings, tmp_path):
    def compress(name, *, demo):
        settings.DEMO = demo
        storage = StaticFilesStorage(location=tmp_path)
        compressor = storage.create_compressor(extensions=None, quiet=True)
        (tmp_path / name).write_bytes(SCRIPT)
        return compressor.compress(str(tmp_path / name)), compressor.should_compress(name)

    return compress


@pytest.mark.parametrize("demo", [True, False])
def test_scripts_are_compressed_and_maps_are_not(compressed, tmp_path, demo):
    files, wanted = compressed("a.js", demo=demo)
    assert wanted
    assert [file.rpartition(".")[2] for file in files] == ["br", "gz"]
    assert brotli.decompress((tmp_path / "a.js.br").read_bytes()) == SCRIPT
    assert compressed("a.js.map", demo=demo)[1] is False
    assert compressed("a.png", demo=demo)[1] is False


def test_the_image_is_compressed_as_far_as_it_goes(compressed, tmp_path):
    compressed("a.js", demo=False)
    assert (tmp_path / "a.js.br").read_bytes() == Compressor.compress_brotli(SCRIPT)
