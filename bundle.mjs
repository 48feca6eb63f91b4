/**
 * Writes `static/vendor/` as `gradfn` in package.json says: one ES module for each family of
 * libraries, style sheets with their fonts, and copies of files that are bundles already.
 */

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = dirname(fileURLToPath(import.meta.url));
const VENDOR = join(ROOT, "static", "vendor");
const UNFINISHED = `${VENDOR}.tmp`;
const STAMPED = ["package.json", "package-lock.json", "bundle.mjs"];

/** @type {{ families: Record<string, string[]>, styles: Record<string, string>, copies: string[] }} */
const { families, styles, copies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).gradfn;
const WITH_DEFAULT = new Set(["dompurify", "katex"]);

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

rmSync(UNFINISHED, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: [
    ...Object.keys(families).map((name) => ({ in: `family:${name}`, out: name })),
    ...Object.entries(styles).map(([name, path]) => ({ in: join("node_modules", path), out: name })),
  ],
  // Every browser that can load our modules can load woff2, and requests no older format.
  loader: { ".woff2": "file" },
  external: ["*.woff", "*.ttf"],
  outdir: UNFINISHED,
  absWorkingDir: ROOT,
  plugins: [familyEntries],
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const copied = copies.map((name) => join("node_modules", name));
const folders = [...new Set([...Object.keys(metafile.inputs), ...copied].map(packageFolder))].filter(Boolean).sort();
refuseCopies(folders);
for (const path of copied) copyFileSync(join(ROOT, path), join(UNFINISHED, basename(path)));
writeFileSync(join(UNFINISHED, "LICENSES.txt"), licences(folders));

const imports = Object.fromEntries(
  Object.entries(families).flatMap(([family, names]) => names.map((name) => [name, `${family}.js`])),
);
const outputs = Object.keys(metafile.outputs)
  .map((path) => basename(path))
  .sort();
const css = outputs.filter((name) => name.endsWith(".css"));
writeFileSync(join(UNFINISHED, "vendor.json"), `${JSON.stringify({ stamp: stamp(), imports, css }, null, 2)}\n`);

// The folder is complete or absent, never half written.
if (existsSync(VENDOR)) rmSync(VENDOR, { recursive: true });
renameSync(UNFINISHED, VENDOR);
console.log(`static/vendor: ${outputs.join(", ")}`);
