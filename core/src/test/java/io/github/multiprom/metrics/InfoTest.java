package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class InfoTest {
  @TempDir Path directory;

  private MultiprocessCollector collector;
  private final CollectorRegistry registry = new CollectorRegistry();

  /** Of a test before this one: only the default worker takes families over. */
  @BeforeEach
  void closeDefaultWorker() {
    Worker.closeDefault();
  }

  @BeforeEach
  void collect() {
    collector = new MultiprocessCollector(directory);
    registry.register(collector);
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private static Info build(Worker worker) {
    return Info.build("build", "Help.").worker(worker).create();
  }

  private String merged(String prefix) throws Exception {
    return Expositions.samples(registry, prefix);
  }

  @Test
  void isShownOnceByAllWhoSayTheSame() throws Exception {
    try (Worker a = Workers.in(directory);
        Worker b = Workers.in(directory)) {
      build(a).info("version", "1");
      build(b).info("version", "1");
      assertEquals("build_info{version=\"1\",} 1.0", merged("build"));
      assertEquals(0, conflicts());

      Info newer = build(b);
      newer.info("version", "2", "branch", "main");
      assertEquals(
          "build_info{branch=\"main\",version=\"2\",} 1.0\nbuild_info{version=\"1\",} 1.0",
          merged("build"));
      assertEquals(0, conflicts());
      assertEquals(Map.of("branch", "main", "version", "2"), newer.get());
      b.close();
      assertEquals("build_info{version=\"1\",} 1.0", merged("build"));
      RetiringNow.retire(directory);
      assertEquals("build_info{version=\"1\",} 1.0", merged("build"));
    }
    assertEquals("", merged("build"));
    RetiringNow.retire(directory);
    assertEquals("", merged("build"));
  }

  private double conflicts() {
    return registry.getSampleValue(
        "multiprom_conflicts", new String[] {"kind"}, new String[] {"labels"});
  }

  @Test
  void isReplacedByTheNextAndGoneWhenRemoved() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Info pool = Info.build("pool", "Help.").labelNames("pool").worker(worker).create();
      pool.labels("a").info("size", "1");
      pool.labels("b").info("size", "1", "kind", "lazy");
      for (int i = 0; i < 50; i++) {
        pool.labels("a").info(Map.of("size", "" + i));
      }
      assertEquals(
          "pool_info{kind=\"lazy\",pool=\"b\",size=\"1\",} 1.0\n"
              + "pool_info{pool=\"a\",size=\"49\",} 1.0",
          sortedLabels(merged("pool")));
      pool.labels("a").info(Map.of());
      pool.remove("b");
      assertEquals("pool_info{pool=\"a\",} 1.0", merged("pool"));
      pool.clear();
      assertEquals("", merged("pool"));
    }
  }

  /** The order of labels means nothing. */
  private static String sortedLabels(String text) {
    return text.lines()
        .map(
            line -> {
              int from = line.indexOf('{') + 1;
              int to = line.indexOf(",}");
              return line.substring(0, from)
                  + Stream.of(line.substring(from, to).split(","))
                      .sorted()
                      .collect(Collectors.joining(","))
                  + line.substring(to);
            })
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  @Test
  void movesIntoAnotherFile() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Info build = build(worker);
      build.info("version", "1");
      Path away =
          Files.createDirectory(directory.resolveSibling(directory.getFileName() + ".away"));
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".worker")).toList()) {
          Files.move(file, away.resolve(file.getFileName()));
        }
      }
      worker.tick();
      build.info("version", "2");
      worker.tick();
      worker.tick();
      assertEquals("build_info{version=\"2\",} 1.0", merged("build"));
      try (Stream<Path> files = Files.list(away)) {
        for (Path file : files.toList()) {
          Files.move(file, directory.resolve(file.getFileName()));
        }
      }
      Files.delete(away);
      worker.tick();
      assertEquals("build_info{version=\"2\",} 1.0", merged("build"));
    }
  }

  @Test
  void keepsWhatWasSetBeforeTheDirectoryWasOpened() throws Exception {
    Info first;
    try (Worker memory = Workers.inMemory()) {
      CollectorRegistry own = new CollectorRegistry();
      first = Info.build("build", "Help.").worker(memory).register(own);
      Info second =
          Info.build("build", "Help.").worker(memory).register(CollectorRegistry.defaultRegistry);
      first.info("version", "1");
      try (Worker worker = Workers.in(directory)) {
        worker.tick();
        worker.tick();
        assertEquals("build_info{version=\"1\",} 1.0", merged("build"));
        second.info("version", "2");
        worker.tick();
        assertEquals("build_info{version=\"2\",} 1.0", merged("build"));
      } finally {
        CollectorRegistry.defaultRegistry.clear();
      }
    }
  }

  @Test
  void leavesOutWhatIsTooLong() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      build(worker).info("version", "1", "text", "x".repeat(5000));
      assertEquals("build_info{text=\"overflow\",version=\"1\",} 1.0", merged("build"));
    }
  }

  @Test
  void isOfItsOwnTypeInOpenMetrics() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Info build = Info.build("build", "Help.").worker(worker).register(registry);
      build.info("version", "1");
      assertEquals(Collector.Type.INFO, build.collect().get(0).type);
      assertEquals(1, registry.getSampleValue("build_info", names("version"), names("1")));
      assertThrows(IllegalArgumentException.class, () -> build.info("odd"));
    }
  }

  private static String[] names(String... names) {
    return names;
  }
}
