"""Photos: what comes in, what is kept, and that nothing is kept as it came (domain law §10)."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import override_settings
from PIL import Image, ImageChops, ImageOps, ImageStat
from pillow_heif import register_heif_opener

from cases.models import Photo
from cases.selectors.reuse import band_keys, bits_apart
from cases.services import evidence
from cases.services.accepting import supplement_case
from cases.services.evidence import PhotoInput, prepare_photo, prepare_photos
from dispatch.selectors.case_detail import get_case
from dispatch.selectors.case_page import photo_pair, reused_photos
from gridcity.contracts import Invalid, TooLarge
from tests.photos import jpeg_with_position, picture_bytes, prepared, upload

register_heif_opener()


def prepare(content: bytes | None = None, kind: str = "JPEG", **said):
    return prepare_photo(PhotoInput(upload(kind, content=content), **said))


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_these_kinds_come_in_and_a_jpeg_is_kept(kind):
    photo = prepare(kind=kind)
    assert opened(photo.image).format == "JPEG"
    assert photo.size == (64, 48)
    assert opened(photo.thumbnail).format == "JPEG"


def test_position_camera_and_profile_are_gone():
    raw = jpeg_with_position()
    assert opened(raw).getexif().get_ifd(0x8825)  # the source does say where it was
    photo = prepare(raw)
    for stored in (photo.image, photo.thumbnail):
        picture = opened(stored)
        assert not dict(picture.getexif())
        assert "exif" not in picture.info
        assert b"Secret Camera" not in stored
        assert b"Exif" not in stored


def test_a_photo_on_its_side_is_turned_upright():
    assert prepare(jpeg_with_position()).size == (48, 64)


@pytest.mark.parametrize("orientation", range(10))
def test_every_way_to_hold_a_camera_is_stood_upright(orientation):
    picture = opened(picture_bytes(size=(64, 48))).convert("RGB")
    picture.paste((255, 0, 0), (0, 0, 16, 12))
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    wanted = ImageOps.exif_transpose(opened(buffer.getvalue()))
    found = opened(prepare(buffer.getvalue()).image)
    assert found.size == wanted.size
    difference = ImageStat.Stat(ImageChops.difference(found, wanted.convert("RGB"))).mean
    assert max(difference) < 6


@pytest.mark.parametrize("value", [b"6", "6", (6, 1), 99, -1])
def test_a_camera_that_writes_its_exif_badly_loses_no_photo(value, monkeypatch):
    monkeypatch.setattr(Image.Image, "getexif", lambda self: {0x0112: value})
    assert prepare().size == (64, 48)


def test_values_that_exif_cannot_hold_hinder_nothing():
    raw = bytearray(jpeg_with_position())
    make = (
        raw.index(b"\x01\x0f\x00\x02")
        if b"\x01\x0f\x00\x02" in raw
        else raw.index(b"\x0f\x01\x02\x00")
    )
    raw[make + 2 : make + 4] = b"\x00\x05" if raw[make] == 1 else b"\x05\x00"  # text as a ratio
    assert prepare(bytes(raw)).size == (48, 64)


def test_what_is_transparent_becomes_white():
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(buffer, "PNG")
    assert opened(prepare(buffer.getvalue()).image).getpixel((10, 10)) == (255, 255, 255)


def test_a_large_photo_is_reduced():
    photo = prepare(picture_bytes("JPEG", (4000, 1000)))
    assert photo.size == (2560, 640)
    assert max(opened(photo.thumbnail).size) == 320


def gif() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (9, 9)).save(buffer, "GIF")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00" * 100, b"%PDF-1.7 not a photo", b"<svg onload='alert(1)'/>",
        picture_bytes()[: len(picture_bytes()) // 2], picture_bytes("PNG")[:60],
        picture_bytes("HEIF")[:200], gif(), b"\xff\xd8\xff" + b"x" * 500,
    ],
)  # fmt: skip
def test_what_is_no_whole_photo_is_refused(content):
    with pytest.raises(Invalid) as refused:
        prepare(content)
    assert "photos" in refused.value.fields


def test_the_name_and_the_declared_type_decide_nothing():
    photo = prepare_photo(
        PhotoInput(upload("PNG", name="../../x.exe", content_type="application/x-msdownload"))
    )
    assert opened(photo.image).format == "JPEG"


def test_eleven_megabytes_are_too_large():
    with pytest.raises(TooLarge):
        prepare(picture_bytes() + b"\x00" * (11 * 1024 * 1024))


def test_a_bomb_of_pixels_is_refused(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(Invalid):
        prepare(picture_bytes("PNG", (100, 100)))


@override_settings(PHOTO_MAX_PIXELS=9_999)
def test_of_pixels_not_one_over_the_limit_comes_in():
    with pytest.raises(Invalid):
        prepare(picture_bytes("PNG", (100, 100)))
    assert prepare(picture_bytes("PNG", (100, 99))).size == (100, 99)


def test_at_most_nine_at_once():
    nine = [PhotoInput(upload()) for _number in range(9)]
    assert len(prepare_photos(nine)) == 9
    with pytest.raises(Invalid):
        prepare_photos([*nine, PhotoInput(upload())])


def test_an_unknown_role_is_refused():
    with pytest.raises(Invalid):
        prepare(role="selfie")


def test_equal_pictures_have_near_hashes_and_others_do_not():
    same = prepare(picture_bytes("PNG")).perceptual_hash
    scaled = prepare(picture_bytes("JPEG", (640, 480))).perceptual_hash
    other = prepare(picture_bytes("JPEG", shade=200)).perceptual_hash
    assert (same ^ scaled).bit_count() <= 6 < (same ^ other).bit_count()
    assert -(2**63) <= same < 2**63


def files_of(settings) -> list[str]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def supplement(case, district, at, *photos):
    return supplement_case(
        number=case.number, actor=district.actor("acceptor-1"), at=at("12:00"), photos=photos
    )


def test_the_stored_file_is_our_encoding_beside_its_row(make_case, district, at, settings):
    case = make_case()
    supplement(case, district, at, prepare(jpeg_with_position(), role="near", lon=116.4, lat=39.9))
    photo = Photo.objects.get(case=case)
    with default_storage.open(photo.file.name) as file:
        stored = file.read()
    assert not dict(opened(stored).getexif())
    assert (photo.width, photo.height) == opened(stored).size
    assert (photo.role, photo.point.coords) == ("near", (116.4, 39.9))
    assert photo.uploaded_by == district.user("acceptor-1")
    assert len(files_of(settings)) == 2
    assert "photo" not in photo.file.name  # nothing of the sender's file name
    assert photo.event.changes["photos"] == [bytes(photo.sha256).hex()]


def test_no_file_stays_behind_when_its_row_cannot_be_written(
    make_case, district, at, settings, monkeypatch
):
    case = make_case()

    def fail(*args, **kwargs):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(evidence.Photo.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        supplement(case, district, at, prepared("near"), prepared("far"))
    assert files_of(settings) == []
    assert case.events.count() == 1


@override_settings(PHOTO_MAX_COUNT=1)
def test_the_limit_of_photos_is_a_setting():
    with pytest.raises(Invalid):
        prepare_photos([PhotoInput(upload()), PhotoInput(upload())])


def test_no_stored_derivative_holds_a_position_or_any_other_metadata(
    make_case, district, at, settings
):
    """Every file of every kind that comes in, as the store holds it, scanned byte by byte."""
    raw = jpeg_with_position()
    photos = [prepare(raw, role="near")]
    for kind in ("JPEG", "PNG", "WEBP", "HEIF"):
        buffer = io.BytesIO()
        Image.open(io.BytesIO(raw)).save(buffer, kind, exif=Image.open(io.BytesIO(raw)).getexif())
        assert opened(buffer.getvalue()).getexif().get_ifd(0x8825), kind
        photos.append(prepare(buffer.getvalue(), role="far"))
    supplement(make_case(), district, at, *photos)

    files = files_of(settings)
    assert len(files) == 2 * len(photos)
    for name in files:
        stored = (Path(settings.MEDIA_ROOT) / name).read_bytes()
        picture = opened(stored)
        assert not picture.getexif().get_ifd(0x8825)
        assert not dict(picture.getexif())
        assert not {"exif", "icc_profile", "xmp", "comment"} & picture.info.keys()
        for trace in (b"Exif", b"GPS", b"Secret Camera", b"http://ns.adobe.com"):
            assert trace not in stored


@pytest.fixture
def seen_photos(district):
    """The photos of a case's page as a role sees them, by where they stand."""
    from django.utils import timezone

    def of(case, name="acceptor-1"):
        view = get_case(district.actor(name), case.number, at=timezone.now())
        pair = photo_pair(view.photos, reused_photos(view))
        return [*pair["before"], *pair["after"]]

    return of


def test_a_photo_used_before_is_found_with_its_case(make_case, district, at, seen_photos):
    first, second, other = make_case(), make_case(), make_case()
    supplement(first, district, at, prepare(picture_bytes("PNG")))
    supplement(other, district, at, prepare(picture_bytes("JPEG", shade=200)))
    supplement(second, district, at, prepare(picture_bytes("JPEG", (640, 480))))

    assert [one.number for one in seen_photos(second)[0]["earlier"]] == [first.number]
    assert not seen_photos(first)[0]["earlier"]
    assert not seen_photos(second, "official-1")[0]["earlier"]


def test_a_photo_twice_in_one_case_is_no_reuse(make_case, district, at, seen_photos):
    case = make_case()
    supplement(case, district, at, prepared(), prepared())
    assert not any(photo["earlier"] for photo in seen_photos(case))


@pytest.mark.parametrize("flips", [(), (3,), (0, 17), (1, 2, 20, 40, 50, 63)])
def test_hashes_up_to_six_bits_apart_share_a_key_of_the_index(flips):
    hashed = 0x5A3C_96E1_0F77_C2D4
    turned = hashed
    for bit in flips:
        turned ^= 1 << bit
    assert bits_apart(hashed, turned) == len(flips)
    bands = {(band << 16) + (turned >> band * 16 & 0xFFFF) for band in range(4)}
    assert bands & set(band_keys(hashed))


def test_the_bands_are_kept_by_the_database_also_of_negative_hashes(make_case, district, at):
    supplement(make_case(), district, at, prepared(), prepared(shade=200))
    for photo in Photo.objects.all():
        assert set(photo.hash_bands) <= set(band_keys(photo.perceptual_hash))


def test_a_photo_after_handling_taken_elsewhere_bears_a_remark(
    make_case, district, at, seen_photos
):
    case = make_case()
    near = {"lon": case.point.x, "lat": case.point.y + 0.0001}
    far = {"lon": case.point.x, "lat": case.point.y + 0.003}
    supplement(
        case, district, at, prepare(role="after", **near), prepare(role="after", **far),
        prepare(role="after", **far, accuracy_m=400.0), prepare(role="near", **far),
    )  # fmt: skip
    shown = sorted(seen_photos(case), key=lambda photo: photo["id"])
    assert [photo.get("is_far") for photo in shown] == [False, True, False, None]
    assert shown[0]["distance_m"] == pytest.approx(11.1, abs=0.5)
