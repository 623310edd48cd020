package io.github.multiprom.internal.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.multiprom.MemoryDirectories;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.model.DirectorySnapshot;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Workers that keep their cells in a Chronicle Map, each in a JVM of its own. */
class ChronicleProcessTest {
  static final List<String> FLAGS = ChronicleRequirements.flags();

  @TempDir(factory = MemoryDirectories.class)
  Path directory;

  /** The unlabelled samples of a scrape, and those of one label set. */
  private Map<String, Double> scrape() {
    Map<String, Double> values = new TreeMap<>();
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      for (MetricFamilySamples family : collector.collect()) {
        for (Sample sample : family.samples) {
          if (!sample.name.startsWith("multiprom") && !sample.name.endsWith("_created")) {
            values.put(sample.name + sample.labelValues, sample.value);
          }
        }
      }
    }
    return values;
  }

  private static void assertCounts(int workers, Map<String, Double> values) {
    double total = (double) workers * ChronicleWorker.THREADS * ChronicleWorker.INCREMENTS;
    assertEquals(
        total / ChronicleWorker.LABEL_SETS, values.get("whole_total[7]"), values::toString);
    assertEquals(total, values.get("level[]"));
    assertEquals(total / 3, values.get("seconds_bucket[1.0]"));
    assertEquals(total, values.get("seconds_bucket[+Inf]"));
    assertEquals(total * 1.5, values.get("seconds_sum[]"));
    assertEquals(total, values.get("size_count[]"));
    assertEquals(total / 4, values.get("size_sum[]"));
  }

  private List<String> filesNamed(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(Path::toString).filter(name -> name.contains(suffix)).toList();
    }
  }

  @Test
  void countsAsFileWorkersDoWhateverItsEnd() throws Exception {
    try (Children children = new Children();
        Worker mappedWorker = ChronicleWorker.open(directory, "mapped")) {
      ChronicleWorker.count(mappedWorker);
      int workers = 1;
      for (String end : List.of("exit", "halt")) {
        Process process =
            children.start(List.of(), FLAGS, ChronicleWorker.class, directory.toString(), end);
        BufferedReader output = process.inputReader();
        awaitCounted(output);
        workers++;
        assertEquals(1, filesNamed(".chronicle").size());
        assertCounts(workers, scrape());
        process.outputWriter().append('\n').flush();
        assertEquals(0, Children.await(process));
        assertCounts(workers, scrape());
        RetiringNow.retire(directory);
        assertEquals(List.of(), filesNamed(".chronicle"));
        assertCounts(workers, scrape());
      }
      assertEquals(1, filesNamed(".worker").size());
    }
  }

  private static void awaitCounted(BufferedReader output) throws IOException {
    String said = output.readLine();
    // A slow machine may be told that the directory is on a disk. The handler of java.util.logging
    // puts time and place on a line of their own.
    while (said != null
        && (said.endsWith("StoreLog write") || said.contains("may wait for the disk"))) {
      said = output.readLine();
    }
    assumeFalse(said != null && said.contains("not done within 30 s"), "the disk stands still");
    assertEquals("counted", said, "a library or the log said something");
  }

  @Test
  void twoClassLoadersAndTheirEndHarmNothing() throws Exception {
    try (Children children = new Children()) {
      List<String> flags = new ArrayList<>(FLAGS);
      flags.add("-Xmx256m");
      Process process =
          children.start(List.of(), flags, ChronicleLoaders.class, directory.toString());
      BufferedReader output = process.inputReader();
      awaitCounted(output);
      assertEquals(ChronicleLoaders.COPIES, filesNamed(".chronicle").size());
      assertCounts(ChronicleLoaders.COPIES, scrape());
      process.outputWriter().append('\n').flush();
      assertEquals(0, Children.await(process));
      assertNull(output.readLine());
      assertCounts(ChronicleLoaders.COPIES, scrape());
    }
  }

  @Test
  void withoutTheFlagsOneLineNamesThemAndTheWorkerFileIsUsed() throws Exception {
    String log = fallBack(List.of());
    for (String flag : FLAGS) {
      assertTrue(log.contains(flag), log);
    }
  }

  static List<String> neededFlags() {
    return FLAGS.stream().filter(flag -> flag.startsWith("--add-")).toList();
  }

  @ParameterizedTest
  @MethodSource("neededFlags")
  void withoutOneFlagOneLineNamesItAndTheWorkerFileIsUsed(String flag) throws Exception {
    String log = fallBack(FLAGS.stream().filter(other -> !other.equals(flag)).toList());
    assertTrue(log.endsWith(" without " + flag), log);
  }

  @Test
  void withoutTheJarOneLineNamesItAndTheWorkerFileIsUsed() throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(":"))
            .filter(entry -> !entry.contains("openhft"))
            .collect(Collectors.joining(":"));
    String log = fallBack(List.of("-cp", classPath));
    assertTrue(log.contains("net.openhft:chronicle-map"), log);
    assertFalse(log.contains("--add"), log);
  }

  /** Runs a worker that cannot have a map, and returns the line that it logs. */
  private String fallBack(List<String> options) throws Exception {
    try (Children children = new Children()) {
      Process process =
          children.start(List.of(), options, ChronicleWorker.class, directory.toString(), "halt");
      BufferedReader output = process.inputReader();
      List<String> said = new ArrayList<>();
      for (String line = output.readLine(); !line.equals("counted"); line = output.readLine()) {
        // The handler of java.util.logging puts time and place on a line of their own, and a slow
        // machine may be told that the directory is on a disk.
        if (line.contains("Store ")) {
          said.add(line);
        }
      }
      assertEquals(1, said.size(), said.toString());
      String log = said.get(0);
      assertEquals(List.of(), filesNamed(".chronicle"));
      assertCounts(1, scrape());
      return log;
    }
  }

  @Test
  void aFullMapHasGivenAllItsExtents() throws Exception {
    try (Children children = new Children()) {
      String map = directory.resolve("full.chronicle").toString();
      Process process = children.start(List.of(), FLAGS, ChronicleFullMap.class, map);
      assertEquals("" + MapBlocks.MAX_EXTENTS, process.inputReader().readLine());
      assertEquals(0, Children.await(process));
    }
  }

  @Test
  void mapsWithoutAWorkerAreDeleted() throws Exception {
    MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
    Path own = StoreFiles.map(directory, worker.info().incarnation());
    Path killed = directory.resolve("0".repeat(31) + "1.chronicle");
    Path halfMade = directory.resolve("0".repeat(31) + "2.chronicle.tmp");
    for (Path file : List.of(own, killed, halfMade)) {
      Files.createFile(file);
      // A younger one may be that of a worker which is just opening.
      Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3600)));
    }
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      RetiringPass.begin(RetiringPass.users(reader).get(0), reader).close();
    }
    assertTrue(Files.exists(own));
    assertFalse(Files.exists(killed));
    assertFalse(Files.exists(halfMade));
    DirectorySnapshot snapshot = Fixtures.read(directory);
    assertEquals(Map.of(), snapshot.skipped());
    worker.close();
  }
}
