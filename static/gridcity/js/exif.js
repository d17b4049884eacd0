// When a JPEG was taken, as its camera wrote it (EXIF DateTimeOriginal with its offset, if any).
// Read before the photo is made small, because that drops all metadata.

const ORIGINAL = 0x9003;
const ORIGINAL_OFFSET = 0x9011;
const EXIF_POINTER = 0x8769;

export async function takenAt(file) {
  try {
    const view = new DataView(await file.slice(0, 131072).arrayBuffer());
    const tiff = exifStart(view);
    return tiff < 0 ? null : readDate(view, tiff);
  } catch {
    return null;
  }
}

function exifStart(view) {
  if (view.getUint16(0) !== 0xffd8) return -1;
  for (let at = 2; at + 4 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return at + 10;
    if (marker === 0xffda || marker >> 8 !== 0xff) return -1;
  }
  return -1;
}

function readDate(view, tiff) {
  const little = view.getUint16(tiff) === 0x4949;
  const first = entries(view, tiff, view.getUint32(tiff + 4, little), little);
  if (!first.has(EXIF_POINTER)) return null;
  const exif = entries(view, tiff, view.getUint32(first.get(EXIF_POINTER) + 8, little), little);
  const said = text(view, tiff, exif.get(ORIGINAL), little);
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(said);
  if (!parts) return null;
  const offset = text(view, tiff, exif.get(ORIGINAL_OFFSET), little);
  const zone = /^[+-]\d\d:\d\d$/.test(offset) ? offset : "+08:00";
  const date = new Date(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}${zone}`);
  return Number.isNaN(date.getTime()) || date > new Date() ? null : date;
}

function entries(view, tiff, offset, little) {
  const found = new Map();
  const count = view.getUint16(tiff + offset, little);
  for (let i = 0; i < count; i += 1) {
    const at = tiff + offset + 2 + i * 12;
    found.set(view.getUint16(at, little), at);
  }
  return found;
}

function text(view, tiff, entry, little) {
  if (entry === undefined) return "";
  const length = view.getUint32(entry + 4, little);
  const at = length > 4 ? tiff + view.getUint32(entry + 8, little) : entry + 8;
  let out = "";
  for (let i = 0; i < length - 1; i += 1) out += String.fromCharCode(view.getUint8(at + i));
  return out;
}
