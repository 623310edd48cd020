package io.github.multiprom;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The house rules, over every module of the repository. Forbidden words are split in two here. */
class TidyTest {
  private static final Path ROOT = repository();
  private static final List<Path> FILES = filesOf(ROOT);

  @Test
  void findsTheSources() {
    assertFalse(FILES.stream().noneMatch(TidyTest::isMainJava), "no source found under " + ROOT);
  }

  @Test
  void nothingIsLeftForLater() {
    forbid(TidyTest::isJava, "\\b(TO" + "DO|FIX" + "ME|XX" + "X|HA" + "CK)\\b");
  }

  @Test
  void typesAreNamedForWhatTheyDo() {
    forbid(
        TidyTest::isJava,
        "\\b(class|interface|enum|record)\\s+\\w*(Impl|Base|Helper|Util|Manager)\\b");
  }

  /** One word per idea: a text is made or written, a lane is a lane, a dead worker is retired. */
  @Test
  void otherWordsForOurTermsAreNotUsed() {
    forbid(
        file -> isMainJava(file) || file.toString().endsWith(".md"),
        "(?i)ren"
            + "der|str"
            + "ipe|\\bsha"
            + "rds?\\b|\\brea"
            + "p(s|ed|er)?\\b|\\bfor"
            + " ever\\b");
  }

  @Test
  void testsAwaitConditionsAndNeverSleep() {
    forbid(TidyTest::isTestJava, "\\bThread\\s*\\.\\s*sleep\\b|\\bTimeUnit\\.\\w+\\.sleep\\b");
  }

  @Test
  void everyTestRuns() {
    forbid(TidyTest::isTestJava, "@Dis" + "abled\\b");
  }

  @Test
  void nothingIsIndentedWithTabs() {
    forbid(file -> isJava(file) || file.toString().endsWith(".xml"), "\t");
  }

  @Test
  void coreWritesNothingToTheConsole() {
    forbid(
        file -> isMainJava(file) && ROOT.relativize(file).startsWith("core"),
        "\\bSystem\\s*\\.\\s*(out|err)\\b");
  }

  @Test
  void everyPackageSaysWhatItIsFor() {
    var packages = new TreeSet<Path>();
    FILES.stream().filter(TidyTest::isMainJava).map(Path::getParent).forEach(packages::add);
    packages.removeIf(folder -> Files.exists(folder.resolve("package-info.java")));
    assertEquals("", lines(packages.stream().map(ROOT::relativize).toList()));
  }

  private static void forbid(Predicate<Path> where, String regex) {
    var pattern = Pattern.compile(regex);
    var found = new ArrayList<String>();
    for (Path file : FILES) {
      if (where.test(file)) {
        List<String> text = read(file);
        for (int i = 0; i < text.size(); i++) {
          if (pattern.matcher(text.get(i)).find()) {
            found.add(ROOT.relativize(file) + ":" + (i + 1) + ": " + text.get(i).strip());
          }
        }
      }
    }
    assertEquals("", lines(found));
  }

  @Test
  void artifactsHaveOneVersionAndTheBomHasAllThatAreReleased() {
    List<String> versions = new ArrayList<>();
    List<String> released = new ArrayList<>();
    for (Path pom : FILES) {
      if (pom.endsWith("pom.xml")) {
        String text = String.join("\n", read(pom));
        versions.add(first(text, "<version>(.+)</version>"));
        boolean isReleased =
            !text.contains("<packaging>pom</packaging>")
                && !text.contains("<maven.deploy.skip>true</maven.deploy.skip>");
        if (isReleased) {
          released.add(first(text, "</parent>\\s*<artifactId>(.+)</artifactId>"));
        }
      }
    }
    String bom = String.join("\n", read(ROOT.resolve("bom/pom.xml")));
    List<String> managed =
        Pattern.compile("<dependency>\\s*<groupId>.+</groupId>\\s*<artifactId>(.+)</artifactId>")
            .matcher(bom)
            .results()
            .map(result -> result.group(1))
            .toList();
    assertEquals(1, Set.copyOf(versions).size(), versions::toString);
    assertEquals(released.stream().sorted().toList(), managed);
  }

  private static String first(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertTrue(matcher.find(), () -> pattern + " in\n" + text);
    return matcher.group(1);
  }

  private static String lines(List<?> items) {
    return items.stream().map(Object::toString).collect(joining("\n"));
  }

  private static boolean isJava(Path file) {
    return file.toString().endsWith(".java");
  }

  private static boolean isMainJava(Path file) {
    return isJava(file) && ROOT.relativize(file).toString().contains("src/main/java/");
  }

  private static boolean isTestJava(Path file) {
    return isJava(file) && ROOT.relativize(file).toString().contains("src/test/java/");
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  private static Path repository() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("core/pom.xml"))) {
      here = here.getParent();
    }
    return here;
  }

  private static List<Path> filesOf(Path root) {
    var files = new ArrayList<Path>();
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              String name = String.valueOf(folder.getFileName());
              boolean ours =
                  folder.equals(root) || !(name.equals("target") || name.startsWith("."));
              return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              files.add(file);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    files.sort(null);
    return List.copyOf(files);
  }
}
