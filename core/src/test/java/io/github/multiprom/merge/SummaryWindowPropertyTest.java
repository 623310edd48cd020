package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.FamilyDescriptor;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workers come, observe, go on in other files, are killed and retired at random; the quantiles are
 * always those of the list of all observations in the window.
 */
@Tag(StoreUnderTest.TAG)
class SummaryWindowPropertyTest {
  private static final int MINUTES = Integer.getInteger("multiprom.test.minutes", 90);
  private static final long MINUTE = 60_000;
  private static final double ERROR = 0.010831;
  private static final double[] QUANTILES = new double[21];

  static {
    for (int i = 0; i < QUANTILES.length; i++) {
      QUANTILES[i] = i / 20.0;
    }
  }

  private static final FamilyDescriptor SUMMARY = WindowDirectory.summary(QUANTILES);

  private record Observation(long ms, double value) {}

  @TempDir Path path;

  private final List<Observation> observations = new ArrayList<>();

  @Test
  void showsTheQuantilesOfWhatWasObservedInTheWindow() throws Exception {
    long seed = Long.getLong("multiprom.test.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (WindowDirectory directory = new WindowDirectory(path)) {
      List<WindowDirectory.Worker> living = new ArrayList<>();
      for (int minute = 0; minute < MINUTES; minute++) {
        directory.at(minute * MINUTE);
        int choice = random.nextInt(12);
        if (choice < 2 && living.size() < 5) {
          living.add(directory.worker(SUMMARY));
        } else if (choice < 4 && !living.isEmpty()) {
          living.remove(random.nextInt(living.size())).kill();
        } else if (choice < 6 && !living.isEmpty()) {
          int moving = random.nextInt(living.size());
          living.set(moving, living.get(moving).move(SUMMARY));
        } else if (choice < 8) {
          directory.retire(random.nextBoolean());
        }
        // Some minutes are quiet.
        if (random.nextInt(3) > 0) {
          for (WindowDirectory.Worker worker : living) {
            for (int i = random.nextInt(20); i > 0; i--) {
              double value = Math.exp(2 * random.nextGaussian());
              worker.observe(value);
              observations.add(new Observation(minute * MINUTE, value));
            }
          }
        }
        if (directory.workerCount() > 0) {
          check(directory.samples(), minute, "seed " + seed + ", minute " + minute);
        }
      }
    }
  }

  private void check(Map<String, Double> samples, long minute, String when) {
    long step = WindowDirectory.STEP_MS;
    long beginMs = (Math.floorDiv(minute * MINUTE, step) - 4) * step;
    List<Double> window =
        observations.stream()
            .filter(o -> o.ms >= beginMs)
            .map(Observation::value)
            .sorted()
            .toList();
    assertEquals(observations.size(), samples.get("s_count"), when);
    for (double q : QUANTILES) {
      double shown = samples.get(String.valueOf(q));
      if (window.isEmpty()) {
        assertEquals(Double.NaN, shown, when);
      } else {
        double exact = window.get(Math.max(1, rank(q, window.size())) - 1);
        assertEquals(exact, shown, exact * ERROR, when + ", quantile " + q);
      }
    }
  }

  /** Without the error of a product of doubles: 0.55 of 20 is 11. */
  private static int rank(double quantile, int count) {
    BigDecimal product = BigDecimal.valueOf(quantile).multiply(BigDecimal.valueOf(count));
    return product.setScale(0, RoundingMode.CEILING).intValue();
  }
}
