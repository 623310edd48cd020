package io.github.multiprom.exposition.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MergedSeries;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.QuantileWindow;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A writer that has written a family before writes the same as a new one. */
class ExpositionWriterPropertyTest {
  private static final int ROUNDS = 100;
  private static final int STEPS = 30;
  private static final List<MetricType> TYPES = List.of(MetricType.values());

  private record Made(MergedSeries series, double createdMs) {}

  @ParameterizedTest
  @EnumSource(ExpositionFormat.class)
  void writesWhatANewOneWrites(ExpositionFormat format) {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      String where = "seed " + seed + ", round " + round;
      MetricType type = TYPES.get(random.nextInt(TYPES.size()));
      ExpositionWriter writer = ExpositionWriter.of(format);
      // In the order of the keys, which is mostly that of the label values.
      TreeMap<Integer, Made> series = new TreeMap<>();
      boolean inOrder = random.nextInt(4) != 0;
      for (int step = 0; step < STEPS; step++) {
        change(random, type, series, inOrder);
        MergedFamily family = family(random, type, List.copyOf(series.values()));
        boolean withCreated = random.nextInt(3) != 0;
        assertEquals(
            text(ExpositionWriter.of(format), family, withCreated),
            text(writer, family, withCreated),
            where + ", step " + step);
      }
    }
  }

  private static void change(
      Random random, MetricType type, Map<Integer, Made> series, boolean inOrder) {
    for (int i = random.nextInt(5); i > 0; i--) {
      int key = random.nextInt(40);
      switch (random.nextInt(4)) {
        case 0 -> series.remove(key);
        case 1 ->
            series.computeIfPresent(key, (k, made) -> new Made(made.series, random.nextInt(9)));
        default -> {
          String value = "" + (char) ('0' + (inOrder ? key : random.nextInt(40))) + "\\\"\n";
          List<Double> bounds =
              type == MetricType.HISTOGRAM
                  ? List.of(List.of(1.0), List.of(0.5, 1.0), List.<Double>of())
                      .get(random.nextInt(3))
                  : List.of();
          series.put(
              key, new Made(new MergedSeries(List.of("l"), List.of(value), bounds), key * 1e3));
        }
      }
    }
  }

  private static MergedFamily family(Random random, MetricType type, List<Made> made) {
    FamilyDescriptor descriptor =
        new FamilyDescriptor(
            "f",
            type == MetricType.STATESET ? MetricType.GAUGE : type,
            random.nextInt(5) == 0 ? "Other help." : "Help.",
            "",
            List.of("l"),
            GaugeFold.SUM,
            false,
            List.of());
    if (type == MetricType.STATESET) {
      descriptor = descriptor.withStates(List.of("A"));
    }
    boolean hasQuantiles = type == MetricType.SUMMARY && random.nextBoolean();
    if (hasQuantiles) {
      descriptor =
          descriptor.withWindow(
              new QuantileWindow(
                  List.of(new QuantileWindow.Quantile(0.5, 0.1), new QuantileWindow.Quantile(1, 0)),
                  1_000,
                  5));
    }
    List<MergedSeries> series = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (Made one : made) {
      series.add(one.series);
      int width =
          switch (type) {
            case COUNTER, GAUGE, INFO, STATESET -> 1;
            case SUMMARY -> hasQuantiles ? 4 : 2;
            case HISTOGRAM -> one.series.upperBounds().size() + 2;
          };
      for (int i = 0; i < width; i++) {
        values.add(random.nextInt(1000) / 8.0);
      }
    }
    return new MergedFamily(
        descriptor,
        List.copyOf(series),
        values.stream().mapToDouble(Double::doubleValue).toArray(),
        !type.isSet(),
        made.stream().mapToDouble(Made::createdMs).toArray());
  }

  private static String text(ExpositionWriter writer, MergedFamily family, boolean withCreated) {
    ExpositionBytes bytes =
        writer.writeAll(List.of(family), name -> withCreated || !name.endsWith("_created"));
    return new String(bytes.toByteArray(), StandardCharsets.ISO_8859_1);
  }
}
