package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Summaries with quantiles as an application has them. */
@Tag(StoreUnderTest.TAG)
class SummaryQuantilesTest {
  private static final double ERROR = 0.010831;

  @TempDir Path directory;

  private final CollectorRegistry registry = new CollectorRegistry();

  @BeforeEach
  void closeDefaultWorker() {
    Worker.closeDefault();
  }

  private static Summary.Builder summary() {
    return Summary.build("s", "Help.").quantile(0.9, 0.01).quantile(0.5, 0.05);
  }

  private double quantile(String quantile) {
    return registry.getSampleValue("s", new String[] {"quantile"}, new String[] {quantile});
  }

  @Test
  void showsQuantilesOverAllWorkers() {
    try (Worker one = Workers.in(directory);
        Worker two = Workers.in(directory)) {
      Summary ofOne = summary().worker(one).register(registry);
      Summary ofTwo = summary().worker(two).create();
      for (int i = 1; i <= 50; i++) {
        ofOne.observe(i);
        ofTwo.observe(50 + i);
      }
      ofTwo.observe(Double.NaN);
      assertEquals(50, quantile("0.5"), 50 * ERROR);
      assertEquals(90, quantile("0.9"), 90 * ERROR);
      assertEquals(100, registry.getSampleValue("s_count"));
      assertEquals(5050, registry.getSampleValue("s_sum"));
      Summary.Child.Value own = ofOne.get();
      assertEquals(50, own.count);
      assertEquals(1275, own.sum);
      assertEquals(List.of(0.5, 0.9), List.copyOf(own.quantiles.keySet()));
      assertEquals(25, own.quantiles.get(0.5), 25 * ERROR);
    }
  }

  @Test
  void showsTheValueOfTheRankThatIsAskedFor() {
    try (Worker worker = Workers.in(directory)) {
      Summary summary = summary().quantile(0.07, 0.01).worker(worker).register(registry);
      for (int i = 1; i <= 100; i++) {
        summary.observe(Math.pow(2, i));
      }
      // 0.07 * 100 is 7.000000000000001.
      assertEquals(128, quantile("0.07"), 128 * ERROR);
    }
  }

  @Test
  void keepsSomeOfMoreQuantilesThanAFileMayHave() {
    try (Worker worker = Workers.in(directory)) {
      Summary.Builder builder = Summary.build("s", "Help.").worker(worker);
      for (int i = 0; i <= 2000; i++) {
        builder.quantile(i / 2000.0, 0.01);
      }
      Summary summary = builder.register(registry);
      summary.observe(1);
      assertEquals(1000, summary.get().quantiles.size());
      assertEquals(1, quantile("0.0"), ERROR);
      assertEquals(1, quantile("1.0"), ERROR);
    }
  }

  @Test
  void countsInfiniteValuesAtTheEnds() {
    try (Worker worker = Workers.in(directory)) {
      Summary summary = summary().worker(worker).register(registry);
      summary.observe(Double.NEGATIVE_INFINITY);
      summary.observe(2);
      summary.observe(Double.POSITIVE_INFINITY);
      assertEquals(2, quantile("0.5"), 2 * ERROR);
      assertEquals(Double.POSITIVE_INFINITY, quantile("0.9"));
      assertEquals(3, registry.getSampleValue("s_count"));
      assertEquals(2, registry.getSampleValue("s_sum"));
    }
  }

  @Test
  void keepsTheWindowInAnotherFile() throws IOException {
    try (Worker worker = Workers.in(directory)) {
      Summary summary = summary().worker(worker).register(registry);
      summary.observe(3);
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".worker")).toList()) {
          Files.delete(file);
        }
      }
      for (int i = 0; i < 4; i++) {
        worker.tick();
        summary.observe(3);
      }
      assertEquals(5, registry.getSampleValue("s_count"));
      assertEquals(15, registry.getSampleValue("s_sum"));
      assertEquals(3, quantile("0.9"), 3 * ERROR);
    }
  }

  @Test
  void keepsCountAndSumWhenADirectoryIsOpenedLater() {
    try (Worker memory = Workers.inMemory()) {
      Summary summary = summary().register(registry);
      summary.observe(7);
      summary.observe(8);
      assertEquals(7, quantile("0.5"));
      try (Worker worker = Workers.in(directory)) {
        worker.tick();
        worker.tick();
        summary.observe(30);
        assertEquals(3, registry.getSampleValue("s_count"));
        assertEquals(45, registry.getSampleValue("s_sum"));
        assertEquals(30, quantile("0.5"), 30 * ERROR);
        assertEquals(3, summary.get().count);
        registry.unregister(summary);
      }
    }
  }

  @Test
  void hasNoQuantilesInWhatIsRemoved() {
    try (Worker worker = Workers.in(directory)) {
      Summary summary = summary().labelNames("a").worker(worker).register(registry);
      Summary.Child held = summary.labels("x");
      held.observe(1);
      summary.remove("x");
      held.observe(2);
      assertEquals(2, held.get().count);
      worker.tick();
      summary.labels("x").observe(5);
      String[] names = {"a", "quantile"};
      assertEquals(5, registry.getSampleValue("s", names, new String[] {"x", "0.5"}), 5 * ERROR);
    }
  }

  @Test
  void sharesItsCellsWithOtherQuantilesOfTheSameWorker() {
    try (Worker worker = Workers.in(directory)) {
      Summary first = summary().worker(worker).register(registry);
      Summary other = Summary.build("s", "Help.").quantile(1, 0).worker(worker).create();
      first.observe(1);
      other.observe(2);
      assertEquals(2, registry.getSampleValue("s_count"));
      assertEquals(2, quantile("0.9"), 2 * ERROR);
      assertEquals(2, other.get().count);
    }
  }

  @Test
  void staysInMemoryBesideAnotherWindowOfTheSameWorker() {
    try (Worker worker = Workers.in(directory)) {
      Summary first = summary().worker(worker).register(registry);
      Summary other = summary().maxAgeSeconds(60).worker(worker).create();
      first.observe(1);
      other.observe(2);
      assertEquals(1, registry.getSampleValue("s_count"));
      assertEquals(1, quantile("0.9"), ERROR);
      assertEquals(2, other.get().quantiles.get(0.9));
    }
  }

  @Test
  void takesAnySettingsOfSimpleclient() {
    try (Worker worker = Workers.in(directory)) {
      Summary summary =
          summary()
              .maxAgeSeconds(Long.MAX_VALUE)
              .ageBuckets(Integer.MAX_VALUE)
              .worker(worker)
              .register(registry);
      summary.observe(4);
      assertEquals(4, quantile("0.5"), 4 * ERROR);
    }
  }

  @Test
  void refusesAQuantileThatIsNoNumberAtOnce() {
    Summary.Builder builder = Summary.build("s", "Help.");
    assertThrows(IllegalArgumentException.class, () -> builder.quantile(Double.NaN, 0.1));
    assertThrows(IllegalArgumentException.class, () -> builder.quantile(0.5, Double.NaN));
  }

  @Test
  void takesManyQuantilesInShortTime() {
    Summary.Builder builder = Summary.build("s", "Help.");
    assertTimeout(
        Duration.ofMinutes(1),
        () -> {
          for (int i = 0; i < 200_000; i++) {
            builder.quantile(i / 200_000.0, 0.01);
          }
        });
  }
}
