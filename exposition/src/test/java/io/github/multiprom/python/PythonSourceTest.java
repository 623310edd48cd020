package io.github.multiprom.python;

import static io.github.multiprom.python.PythonFiles.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.merge.FamilyStatus;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.model.SkippedFile;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of client_python without their processes; {@link PythonProcessIT} has these. */
class PythonSourceTest {
  private static final int CHANGES_PER_READ = 10;

  @TempDir Path directory;

  static List<String> releases() {
    return GoldenFiles.RELEASES;
  }

  private MultiprocessCollector collector() {
    // Of whose processes nothing is known.
    PythonProcesses none = new PythonProcesses(directory.resolve("no-proc"));
    return new MultiprocessCollector(
        new DirectoryReader(directory, new PythonSource(directory, false, none)), "pid");
  }

  @ParameterizedTest
  @MethodSource("releases")
  void showsWhatClientPythonShows(String release) throws IOException {
    Map<String, Double> printed = Samples.parse(GoldenFiles.unpack(release, directory));
    try (MultiprocessCollector collector = collector()) {
      assertEquals(printed, Samples.of(collector));
      assertEquals(printed, Samples.of(collector), "again");
      assertEquals(Map.of(), collector.overview().skipped());
    }
  }

  @Test
  void keepsHelpTexts() throws IOException {
    String printed = GoldenFiles.unpack("0.25.0", directory);
    try (MultiprocessCollector collector = collector()) {
      String text = Samples.text(collector);
      printed
          .lines()
          .filter(line -> line.startsWith("# HELP"))
          .forEach(help -> assertTrue(text.contains(help + "\n"), help + "\n" + text));
    }
  }

  @Test
  void addsUpWithWhatJavaCounts() throws IOException {
    GoldenFiles.unpack("0.25.0", directory);
    try (Worker worker = Worker.builder().directory(directory).name("java").open();
        MultiprocessCollector collector = collector()) {
      CollectorRegistry own = new CollectorRegistry();
      Counter.build("plain", "Help.").worker(worker).register(own).inc(100);
      Histogram.build("lat", "Help.")
          .labelNames("path")
          .buckets(0.1, 1, 5)
          .worker(worker)
          .register(own)
          .labels("/a")
          .observe(3);
      Gauge.build("g_livesum", "Help.")
          .labelNames("k")
          .mode(GaugeMode.LIVESUM)
          .worker(worker)
          .register(own)
          .labels("v")
          .set(1);
      Map<String, Double> samples = Samples.of(collector);
      assertEquals(123, samples.get("plain_total{}"));
      assertEquals(231, samples.get("g_livesum{k=v}"));
      assertEquals(4, samples.get("lat_bucket{le=1.0, path=/a}"));
      assertEquals(9, samples.get("lat_count{path=/a}"));
      assertEquals(3, collector.workers().size());
    }
  }

  @Test
  void tellsOfDefinitionsThatDiffer() throws IOException {
    write("counter_1.db", entry("a", "a_total", "", 1));
    write("gauge_sum_2.db", entry("a", "a", "", 2), entry("b", "b", "", 1));
    write("gauge_max_3.db", entry("b", "b", "", 5));
    try (MultiprocessCollector collector = collector()) {
      List<FamilyStatus> families = collector.overview().families();
      assertEquals(2, families.size());
      assertTrue(
          families.stream().noneMatch(family -> family.conflicts().isEmpty()), families::toString);
    }
  }

  /** A process id that is used again, by a release with other buckets. */
  @Test
  void followsFilesThatGrow() throws IOException {
    List<byte[]> entries = new ArrayList<>();
    entries.add(entry("h", "h_sum", "", 3));
    entries.add(entry("h", "h_bucket", "\"le\": \"1.0\"", 2));
    write("histogram_1.db", entries.toArray(new byte[0][]));
    try (MultiprocessCollector collector = collector()) {
      assertEquals(Map.of(), Samples.of(collector), "half of a series");
      entries.add(entry("h", "h_bucket", "\"le\": \"+Inf\"", 1));
      write("histogram_1.db", entries.toArray(new byte[0][]));
      assertEquals(
          Map.of(
              "h_bucket{le=1.0}",
              2.0,
              "h_bucket{le=Infinity}",
              3.0,
              "h_count{}",
              3.0,
              "h_sum{}",
              3.0),
          Samples.of(collector));
      entries.add(entry("h", "h_bucket", "\"le\": \"2.0\"", 4));
      write("histogram_1.db", entries.toArray(new byte[0][]));
      Map<String, Double> samples = Samples.of(collector);
      assertEquals(6, samples.get("h_bucket{le=2.0}"));
      assertEquals(7, samples.get("h_count{}"));
      Files.delete(directory.resolve("histogram_1.db"));
      assertEquals(Map.of(), Samples.of(collector));
      write("histogram_1.db", entries.toArray(new byte[0][]));
      assertEquals(samples, Samples.of(collector));
    }
  }

  @Test
  void leavesOutWhatItDoesNotKnowAndSaysSo() throws IOException {
    write("counter_1.db", entry("a", "a_total", "", 1), entry("a.b", "a.b_total", "", 1));
    write("counter_2.db", entry("a", "a_total", "", 2), entry("a", "a_more", "", 1));
    write("untyped_3.db", entry("u", "u", "", 1));
    Files.write(directory.resolve("counter_4.db"), new byte[] {9, 0, 0, 0, 0, 0, 0, 0, 1});
    Files.createDirectory(directory.resolve("counter_5.db"));
    Files.createFile(directory.resolve("counter_6.db"));
    try (MultiprocessCollector collector = collector()) {
      assertEquals(Map.of("a_total{}", 3.0), Samples.of(collector));
      List<SkippedFile> skipped = collector.overview().skippedFiles();
      assertEquals(
          List.of(
              "counter_1.db newer",
              "counter_2.db newer",
              "counter_4.db damaged_record",
              "counter_5.db not_regular",
              "untyped_3.db foreign"),
          skipped.stream().map(file -> file.name() + " " + file.reason()).sorted().toList());
    }
  }

  @Test
  void isNotReadUnlessAskedFor() throws IOException {
    write("counter_1.db", entry("a", "a_total", "", 1));
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      assertEquals(Map.of(), Samples.of(collector));
    }
    System.setProperty("multiprom.python", "true");
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      assertEquals(Map.of("a_total{}", 1.0), Samples.of(collector));
    } finally {
      System.clearProperty("multiprom.python");
    }
  }

  @Test
  void survivesFilesThatWereChangedAtRandom() throws IOException {
    survive(1_000);
  }

  @Test
  @Tag("field")
  void survivesManyFilesThatWereChangedAtRandom() throws IOException {
    survive(10_000);
  }

  private void survive(int changes) throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Path golden = directory.resolve("golden");
    GoldenFiles.unpack("0.25.0", golden);
    GoldenFiles.unpack("0.15.0", golden.resolve("old"));
    List<Path> originals = new ArrayList<>();
    for (Path folder : List.of(golden, golden.resolve("old"))) {
      try (var files = Files.newDirectoryStream(folder, "*.db")) {
        files.forEach(originals::add);
      }
    }
    Path changed = Files.createDirectory(directory.resolve("changed"));
    try (MultiprocessCollector collector =
        new MultiprocessCollector(
            new DirectoryReader(changed, new PythonSource(changed, false)), "pid")) {
      for (int round = 0; round < changes / CHANGES_PER_READ; round++) {
        for (int i = 0; i < CHANGES_PER_READ; i++) {
          Path original = originals.get(random.nextInt(originals.size()));
          byte[] bytes = mutated(Files.readAllBytes(original), random);
          overwrite(changed.resolve(original.getFileName()), bytes);
        }
        try {
          Samples.of(collector);
          collector.overview();
        } catch (RuntimeException | Error e) {
          throw new AssertionError("seed " + seed + ", round " + round, e);
        }
      }
    }
  }

  /** In place, and without a file system's care for files that become empty. */
  private static void overwrite(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), 0);
      channel.truncate(bytes.length);
    }
  }

  private static byte[] mutated(byte[] all, Random random) {
    int used = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    byte[] bytes = Arrays.copyOf(all, Math.max(128, used + 64));
    for (int i = random.nextInt(4); i >= 0 && bytes.length > 8; i--) {
      int at = random.nextInt(random.nextBoolean() ? 8 : bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
        default ->
            ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(random.nextInt(bytes.length - 4), random.nextInt());
      }
    }
    return bytes;
  }

  private void write(String name, byte[]... entries) throws IOException {
    PythonFiles.write(directory.resolve(name), entries);
  }
}
