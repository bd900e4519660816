//! The text files of the workspace, read once. What they mean is for the rules beside this file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Folders that hold nothing of ours: build output, version control, a server's data.
const SKIPPED_FOLDERS: &[&str] = &["target", ".git", "data", "node_modules", "proptest-regressions", "snapshots"];

/// What is text in this tree; other files (images, stores kept as test data) are not read.
const TEXT: &[&str] = &["rs", "toml", "md", "sql", "sh", "php", "py", "mjs", "js", "css", "html", "json", "yml", "yaml", "service"];

/// Text files without an extension.
const TEXT_NAMES: &[&str] = &["Makefile", "run", "needs", "section", ".gitignore", ".editorconfig"];

/// One text file.
#[derive(Debug)]
pub(crate) struct File {
    path: String,
    text: String,
}

impl File {
    /// Relative to the workspace, with `/` on every system.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The lines that ship: up to the test module that stands at the end of a source file.
    pub(crate) fn shipped_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.test_module_line().unwrap_or(usize::MAX);
        self.lines().take_while(move |&(number, _)| number < end)
    }

    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub(crate) fn stem(&self) -> &str {
        self.name().split('.').next().unwrap_or_default()
    }

    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    /// A file of tests only: in a `tests` folder, or a `tests.rs` beside what it tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests") || self.stem() == "tests" || self.stem().ends_with("_tests")
    }

    /// The line of `#[cfg(test)]` over an inline module. `#[cfg(test)] mod tests;` names a sibling file and ends nothing.
    fn test_module_line(&self) -> Option<usize> {
        let lines: Vec<&str> = self.text.lines().map(str::trim).collect();
        lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && opens_module(pair[1])).map(|index| index + 1)
    }
}

fn opens_module(line: &str) -> bool {
    (line.starts_with("mod ") || line.starts_with("pub(crate) mod ")) && line.ends_with('{')
}

/// The workspace's text files, in the order of their paths.
#[derive(Debug)]
pub(crate) struct Tree {
    files: Vec<File>,
}

impl Tree {
    /// Reads the workspace that this tool was built in.
    pub(crate) fn of_workspace() -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let mut tree = Self { files: Vec::new() };
        tree.walk(&root, &root)?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A tree made up by a test, of paths and texts.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| File { path: path.to_owned(), text: text.to_owned() };
        Self { files: files.iter().map(file).collect() }
    }

    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    pub(crate) fn rust_files(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    /// Every member's manifest, which leaves out the workspace's own.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = &File> {
        // The fuzz targets are a workspace of their own, as cargo-fuzz wants it.
        self.files.iter().filter(|file| file.path.ends_with("/Cargo.toml") && !file.path.starts_with("fuzz/"))
    }

    fn walk(&mut self, root: &Path, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if entry.file_type()?.is_dir() {
                if !SKIPPED_FOLDERS.contains(&name.as_ref()) {
                    self.walk(root, &path)?;
                }
            } else if is_text(&path, &name) {
                self.files.push(File { path: relative(root, &path), text: fs::read_to_string(&path)? });
            }
        }
        Ok(())
    }
}

fn is_text(path: &Path, name: &str) -> bool {
    TEXT_NAMES.contains(&name) || path.extension().is_some_and(|extension| TEXT.iter().any(|text| extension == *text))
}

fn relative(root: &Path, path: &Path) -> String {
    let inside: PathBuf = path.strip_prefix(root).unwrap_or(path).components().collect();
    inside.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_ends_at_an_inline_test_module() {
        let tree = Tree::of(&[("crates/a/src/x.rs", "fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {}\n#[cfg(test)]\nmod tests {\n}\n")]);
        let shipped: Vec<usize> = tree.files()[0].shipped_lines().map(|(number, _)| number).collect();
        assert_eq!(shipped, [1, 2, 3, 4]);
    }

    #[test]
    fn tests_are_known_by_folder_or_name() {
        let tree = Tree::of(&[("a/tests/x.rs", ""), ("a/src/lane/tests.rs", ""), ("a/src/lane_tests.rs", ""), ("a/src/contests.rs", "")]);
        let tests: Vec<bool> = tree.files().iter().map(File::is_test).collect();
        assert_eq!(tests, [true, true, true, false]);
    }
}
