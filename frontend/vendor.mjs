// Copies the few front-end files that pages load out of node_modules into static/vendor, bundles
// three libraries into ES modules, and writes a manifest with versions, licences and hashes.
// It runs at set-up and in the image build only. It fails on a file that would make a browser ask
// another host, because pages promise that no request ever leaves the site.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const MODULES = path.join(HERE, "node_modules");
const OUT = path.resolve(HERE, "..", "static", "vendor");

// The oldest browsers that the pages promise to work in.
const BUILD_FLOOR = ["chrome100", "safari15.4"];

// [package, the folder to take off the front of each path, files]
const COPIED = [
  ["bootstrap", "dist", ["dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js"]],
  ["bootstrap-icons", "", ["bootstrap-icons.svg"]],
  [
    "bootstrap-icons",
    "font",
    [
      "font/bootstrap-icons.min.css",
      "font/fonts/bootstrap-icons.woff2",
      "font/fonts/bootstrap-icons.woff",
    ],
  ],
  [
    "leaflet",
    "dist",
    [
      "dist/leaflet.js",
      "dist/leaflet.css",
      "dist/images/layers.png",
      "dist/images/layers-2x.png",
      "dist/images/marker-icon.png",
      "dist/images/marker-icon-2x.png",
      "dist/images/marker-shadow.png",
    ],
  ],
  ["echarts", "dist", ["dist/echarts.common.min.js"]],
];

// [target, source, the packages that end up in it]
const BUNDLED = [
  [
    "mvt/mvt.mjs",
    'export { VectorTile } from "@mapbox/vector-tile"; export { PbfReader } from "pbf";',
    ["@mapbox/vector-tile", "@mapbox/point-geometry", "pbf"],
  ],
  [
    "pmtiles/pmtiles.mjs",
    'export { leafletLayer } from "protomaps-leaflet";',
    [
      "protomaps-leaflet",
      "protomaps-leaflet/node_modules/@mapbox/vector-tile",
      "protomaps-leaflet/node_modules/pbf",
      "@mapbox/point-geometry",
      "@protomaps/basemaps",
      "color2k",
      "fflate",
      "pmtiles",
      "potpack",
      "quickselect",
      "rbush",
    ],
  ],
  ["idb/idb.mjs", 'export * from "idb";', ["idb"]],
];

const SOURCE_MAP_COMMENT = /\/[/*][#@]\s*sourceMappingURL=[^\s*]*(\s*\*\/)?/g;
const OTHER_HOST =
  /url\(\s*['"]?(?:https?:)?\/\/|@import\s|sourceMappingURL=|\bimport\s*\(\s*['"]https?:|\bfrom\s*['"]https?:/;

const manifest = {};

// `folder` is a package's place in node_modules: its name, unless another brings its own version.
function describe(folder) {
  const { name, version, license } = JSON.parse(
    fs.readFileSync(path.join(MODULES, folder, "package.json"), "utf8"),
  );
  return { package: name, version, licence: license };
}

function put(target, bytes, about) {
  let content = bytes;
  if (/\.(js|mjs|css)$/.test(target)) {
    const text = bytes.toString("utf8").replace(SOURCE_MAP_COMMENT, "");
    if (OTHER_HOST.test(text)) throw new Error(`${target} refers to another host`);
    content = Buffer.from(text);
  }
  const file = path.join(OUT, target);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  const sha384 = createHash("sha384").update(content).digest("base64");
  manifest[target] = { ...about, bytes: content.length, sha384: `sha384-${sha384}` };
}

// Packages that name the BSD licence of their owner and leave its text out.
const TEXT_OF = { pmtiles: "protomaps-leaflet", "@protomaps/basemaps": "protomaps-leaflet" };

// The licences of all of them ask that their text goes along; echarts keeps some in a folder.
function putLicences(name) {
  const folder = path.join(MODULES, TEXT_OF[name] || name);
  const texts = fs
    .readdirSync(folder, { recursive: true })
    .filter((file) => /^(licen[sc]e|notice)/i.test(file))
    .filter((file) => fs.statSync(path.join(folder, file)).isFile());
  for (const file of texts) {
    const flat = `${name.replace("/node_modules/", "-")}-${file}`.replaceAll("@", "").replaceAll("/", "-");
    put(`licences/${path.parse(flat).name}.txt`, fs.readFileSync(path.join(folder, file)), describe(name));
  }
}

function copyFiles() {
  for (const [name, prefix, files] of COPIED) {
    for (const file of files) {
      const target = path.posix.join(name, path.posix.relative(prefix, file));
      put(target, fs.readFileSync(path.join(MODULES, name, file)), describe(name));
    }
    putLicences(name);
  }
}

function bundleModules() {
  for (const [target, contents, names] of BUNDLED) {
    const built = buildSync({
      stdin: { contents, resolveDir: HERE },
      bundle: true,
      minify: true,
      format: "esm",
      target: BUILD_FLOOR,
      legalComments: "inline",
      write: false,
    });
    put(target, Buffer.from(built.outputFiles[0].contents), { bundles: names.map(describe) });
    names.forEach(putLicences);
  }
}

fs.rmSync(OUT, { recursive: true, force: true });
copyFiles();
bundleModules();
const sorted = Object.fromEntries(Object.entries(manifest).sort());
fs.writeFileSync(path.join(OUT, "manifest.json"), `${JSON.stringify(sorted, null, 1)}\n`);
const total = Object.values(manifest).reduce((sum, { bytes }) => sum + bytes, 0);
console.log(`${Object.keys(manifest).length} files, ${Math.round(total / 1024)} KB in static/vendor`);
