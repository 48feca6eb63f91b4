/**
 * Writes what browsers load, as `gradfn` in package.json says: `static/vendor/` has one ES module for
 * each family of libraries, style sheets with their fonts, and copies of files that are bundles already;
 * `static/release/` has our own modules and styles in a few files. All text has a gzipped copy beside it.
 */

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = dirname(fileURLToPath(import.meta.url));
const STATIC = join(ROOT, "static");
const VENDOR = join(STATIC, "vendor");
const RELEASE = join(STATIC, "release");
const STAMPED = ["package.json", "package-lock.json", "bundle.mjs"];

/** @type {{ families: Record<string, string[]>, styles: Record<string, string>, copies: string[], entries: string[] }} */
const { families, styles, copies, entries } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).gradfn;
const WITH_DEFAULT = new Set(["katex"]);

/** A virtual entry per family, so that everything it exports comes from one copy of each package. */
const familyEntries = {
  name: "families",
  /** @param {import("esbuild").PluginBuild} step */
  setup(step) {
    step.onResolve({ filter: /^family:/ }, ({ path }) => ({ path: path.slice(7), namespace: "family" }));
    step.onLoad({ filter: /.*/, namespace: "family" }, ({ path }) => ({
      contents: families[path]
        .map((name) => (WITH_DEFAULT.has(name) ? `export { default } from "${name}";` : `export * from "${name}";`))
        .join("\n"),
      resolveDir: ROOT,
    }));
  },
};

/** The SHA-256 of the files that the bundles depend on; hatch_build.py computes the same. */
function stamp() {
  const digest = createHash("sha256");
  for (const name of STAMPED) {
    digest.update(readFileSync(join(ROOT, name), "utf8").replaceAll("\r\n", "\n"));
  }
  return digest.digest("hex");
}

/** The SHA-256 of our own modules and styles; hatch_build.py and app/gradfn/web/assets.py compute the same. */
function stampOfOwn() {
  const digest = createHash("sha256");
  const folders = readdirSync(STATIC, { withFileTypes: true }).filter((each) => each.isDirectory());
  const names = folders
    .filter(({ name }) => !/^(vendor|release)/.test(name))
    .flatMap(({ name }) => readdirSync(join(STATIC, name)).map((file) => `${name}/${file}`))
    .filter((name) => [".js", ".css"].includes(extname(name)));
  for (const name of names.sort()) {
    digest.update(
      `${name} ${createHash("sha256")
        .update(readFileSync(join(STATIC, name)))
        .digest("hex")}\n`,
    );
  }
  return digest.digest("hex");
}

/** Puts a folder in its place, with gzipped copies: it is complete or absent, never half written. @param {string} folder */
function finish(folder) {
  const unfinished = `${folder}.tmp`;
  for (const name of readdirSync(unfinished)) {
    if (![".js", ".css"].includes(extname(name))) continue;
    const packed = gzipSync(readFileSync(join(unfinished, name)), { level: 9 });
    writeFileSync(join(unfinished, `${name}.gz`), packed);
  }
  if (existsSync(folder)) rmSync(folder, { recursive: true });
  renameSync(unfinished, folder);
}

/** @param {string} path @returns {string} the folder of the package that a bundled file is from */
function packageFolder(path) {
  return path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? "";
}

/** Stops the build if a package is bundled twice: CodeMirror and lit break at run time if they are. */
function refuseCopies(/** @type {string[]} */ folders) {
  const seen = new Map();
  for (const folder of folders) {
    const name = folder.replace(/^.*node_modules\//, "");
    if (seen.has(name)) throw new Error(`two copies of ${name}: ${seen.get(name)} and ${folder}`);
    seen.set(name, folder);
  }
}

/** @param {string[]} folders @returns {string} the licences of all bundled packages */
function licences(folders) {
  return folders
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
      const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file ? readFileSync(join(ROOT, folder, file), "utf8").trim() : "";
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** @type {import("esbuild").BuildOptions} */
const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
};

async function buildVendor() {
  const unfinished = `${VENDOR}.tmp`;
  rmSync(unfinished, { recursive: true, force: true });
  const { metafile } = await build({
    ...COMMON,
    entryPoints: [
      ...Object.keys(families).map((name) => ({ in: `family:${name}`, out: name })),
      ...Object.entries(styles).map(([name, path]) => ({ in: join("node_modules", path), out: name })),
    ],
    // Every browser that can load our modules can load woff2, and requests no older format.
    loader: { ".woff2": "file" },
    external: ["*.woff", "*.ttf"],
    outdir: unfinished,
    plugins: [familyEntries],
    metafile: true,
  });
  const copied = copies.map((name) => join("node_modules", name));
  const folders = [...new Set([...Object.keys(metafile.inputs), ...copied].map(packageFolder))].filter(Boolean).sort();
  refuseCopies(folders);
  for (const path of copied) copyFileSync(join(ROOT, path), join(unfinished, basename(path)));
  writeFileSync(join(unfinished, "LICENSES.txt"), licences(folders));
  const modules = Object.entries(families).flatMap(([family, names]) => names.map((name) => [name, `${family}.js`]));
  // A style sheet is in the map too: the module that needs it asks for its address.
  const sheets = Object.keys(styles).map((name) => [`${name}.css`, `${name}.css`]);
  const imports = Object.fromEntries([...modules, ...sheets]);
  writeFileSync(join(unfinished, "vendor.json"), `${JSON.stringify({ stamp: stamp(), imports }, null, 2)}\n`);
  finish(VENDOR);
  return Object.keys(imports);
}

/** @param {string[]} libraries what stays outside: the import map says where it is */
async function buildRelease(libraries) {
  const unfinished = `${RELEASE}.tmp`;
  rmSync(unfinished, { recursive: true, force: true });
  const { metafile } = await build({
    ...COMMON,
    entryPoints: entries.map((name) => join("static", name)),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    external: libraries,
    outdir: unfinished,
    metafile: true,
  });
  const made = Object.entries(metafile.outputs);
  /** What a browser needs to run an output: names of files here, and of libraries. @param {string} path @returns {string[]} */
  const needs = (path) =>
    (metafile.outputs[path]?.imports ?? [])
      .filter(({ kind }) => kind === "import-statement")
      .flatMap((each) => (each.external ? [each.path] : [basename(each.path), ...needs(each.path)]));
  const addresses = entries.map((name) => {
    const [path] = made.find(([, { entryPoint }]) => entryPoint === `static/${name}`) ?? [""];
    return [name, { file: basename(path), needs: [...new Set(needs(path))] }];
  });
  const release = { stamp: stampOfOwn(), entries: Object.fromEntries(addresses) };
  writeFileSync(join(unfinished, "release.json"), `${JSON.stringify(release, null, 2)}\n`);
  finish(RELEASE);
  console.log(`static/release: ${made.map(([path, { bytes }]) => `${basename(path)} ${bytes}`).join(", ")}`);
}

await buildRelease(await buildVendor());
