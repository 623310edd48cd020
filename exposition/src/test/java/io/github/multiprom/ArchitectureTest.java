package io.github.multiprom;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** The arrows of the design: cli → exposition → merge. */
class ArchitectureTest {
  private static final String CLI = "io.github.multiprom.cli..";
  private static final String EXPOSITION = "io.github.multiprom.exposition..";
  private static final String PYTHON = "io.github.multiprom.python..";
  private static final String METRICS = "io.github.multiprom.metrics..";

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.github.multiprom");

  @Test
  void nothingImportsTheCommandLine() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(CLI)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CLI));
  }

  @Test
  void coreNeverImportsTheExposition() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(CLI, EXPOSITION)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(EXPOSITION));
  }

  @Test
  void readingNeverImportsTheMetrics() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(CLI, EXPOSITION, PYTHON)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(METRICS));
  }

  /** The server stands above its rooms, and none of these runs back up. */
  @Test
  void roomsKnowThoseBelowThem() {
    knowsNot("format", "http", "webconfig", "discovery", "page");
    knowsNot("webconfig", "http", "format", "discovery", "page");
    knowsNot("discovery", "http", "format", "webconfig", "page");
    knowsNot("page", "http", "format", "webconfig", "discovery");
    knowsNot("http");
  }

  private static void knowsNot(String room, String... others) {
    String[] above = new String[others.length + 1];
    for (int i = 0; i < others.length; i++) {
      above[i] = "io.github.multiprom.exposition." + others[i];
    }
    above[others.length] = "io.github.multiprom.exposition";
    check(
        noClasses()
            .that()
            .resideInAPackage("io.github.multiprom.exposition." + room)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(above));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(ALL);
  }
}
