package io.github.multiprom;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.invoke.VarHandle;
import java.nio.MappedByteBuffer;
import org.junit.jupiter.api.Test;

/** The arrows of the design: metrics → internal ← merge, internal → model, and within internal. */
class ArchitectureTest {
  private static final String OURS = "io.github.multiprom..";
  private static final String MODEL = "io.github.multiprom.model..";
  private static final String STORE = "io.github.multiprom.internal..";
  private static final String METRICS = "io.github.multiprom.metrics..";
  private static final String MERGE = "io.github.multiprom.merge..";

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.github.multiprom");

  @Test
  void modelKnowsOnlyItself() {
    check(
        noClasses()
            .that()
            .resideInAPackage(MODEL)
            .should()
            .dependOnClassesThat(oursOutside(MODEL).or(resideInAPackage("io.prometheus.."))));
  }

  @Test
  void storeKnowsOnlyTheModel() {
    check(
        noClasses()
            .that()
            .resideInAPackage(STORE)
            .should()
            .dependOnClassesThat(oursOutside(STORE, MODEL)));
  }

  /** A room knows those below it only: none of them runs back up. */
  @Test
  void roomsOfTheStoreKnowThoseBelowThem() {
    JavaClasses store = CORE.that(resideInAPackage(STORE));
    assertFalse(store.isEmpty());
    knows("os");
    knows("ownership", "os");
    knows("file", "ownership", "os");
    knows("lease", "file", "ownership", "os");
    knows("cell", "file", "os");
    knows("chronicle", "file", "ownership", "os");
    knows("worker", "cell", "chronicle", "lease", "file", "ownership", "os");
    knows("directory", "lease", "file", "ownership", "os");
  }

  private static void knows(String room, String... below) {
    String[] allowed = new String[below.length + 2];
    for (int i = 0; i < below.length; i++) {
      allowed[i] = room(below[i]);
    }
    allowed[below.length] = room(room);
    allowed[below.length + 1] = MODEL;
    check(
        noClasses()
            .that()
            .resideInAPackage(room(room))
            .should()
            .dependOnClassesThat(oursOutside(allowed)));
  }

  private static String room(String name) {
    return "io.github.multiprom.internal." + name;
  }

  @Test
  void metricsNeverImportTheMerge() {
    check(
        noClasses()
            .that()
            .resideInAPackage(METRICS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(MERGE));
  }

  @Test
  void mergeNeverImportsTheMetrics() {
    check(
        noClasses()
            .that()
            .resideInAPackage(MERGE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(METRICS));
  }

  @Test
  void onlyTheStoreTouchesChannelsMappedMemoryAndVarHandles() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(STORE)
            .should()
            .dependOnClassesThat(
                resideInAPackage("java.nio.channels..")
                    .or(belongToAnyOf(MappedByteBuffer.class, VarHandle.class))));
  }

  @Test
  void onlyOneRoomKnowsChronicle() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.github.multiprom.internal.chronicle")
            .should()
            .dependOnClassesThat(resideInAPackage("net.openhft..")));
  }

  private static DescribedPredicate<JavaClass> oursOutside(String... packages) {
    return resideInAPackage(OURS).and(not(resideInAnyPackage(packages)));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CORE);
  }
}
