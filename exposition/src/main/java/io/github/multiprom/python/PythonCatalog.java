package io.github.multiprom.python;

import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.SeriesLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The families and series of one Python process, and which entry of its files counts in which cell.
 * One thread.
 *
 * <p>client_python publishes each sample of a histogram or summary by itself, +Inf last: a series
 * is shown once all its samples are there.
 */
final class PythonCatalog {
  private static final String INFINITY = "+Inf";
  private static final int NO_CELL = -1;

  // Set times, microseconds since the epoch.
  private static final double EARLIEST = 1;
  private static final double NEVER_SET = -1;

  /** What tells one series of a process from the others. */
  private record Identity(
      MetricType type, String mode, String family, List<String> names, List<String> values) {}

  /** An entry of a file. */
  private record Entry(PythonFile file, int index) {}

  /** The samples of a histogram or summary. */
  private static final class Samples {
    private final PythonKey key;
    private final TreeMap<Double, Entry> buckets = new TreeMap<>();
    private Entry sum;
    private Entry count;
    private boolean published;

    Samples(PythonKey key) {
      this.key = key;
    }

    boolean isComplete() {
      return sum != null && (count != null || buckets.containsKey(Double.POSITIVE_INFINITY));
    }
  }

  private final List<FamilyDescriptor> families = new ArrayList<>();
  private final Map<List<Object>, Integer> familyIndexes = new HashMap<>();
  private final List<SeriesDescriptor> series = new ArrayList<>();
  private final Map<Identity, Integer> cells = new HashMap<>();
  private final Map<Identity, Samples> distributions = new LinkedHashMap<>();
  private final Map<PythonFile, int[]> cellsOfFiles = new HashMap<>();
  private final Map<PythonFile, String> problems = new LinkedHashMap<>();
  private int cellCount;
  private Catalog catalog = new Catalog(List.of(), List.of(), new long[0]);

  /**
   * Adds what files have that was not added yet.
   *
   * @return false if that cannot be added, and everything must be added to a new catalog
   */
  boolean add(List<PythonFile> files) {
    int seriesBefore = series.size();
    for (PythonFile file : files) {
      int[] known = cellsOfFiles.getOrDefault(file, new int[0]);
      int count = file.keys().size();
      if (known.length < count) {
        int[] more = Arrays.copyOf(known, count);
        Arrays.fill(more, known.length, count, NO_CELL);
        cellsOfFiles.put(file, more);
        for (int i = known.length; i < count; i++) {
          if (!add(file, i)) {
            return false;
          }
        }
      }
    }
    distributions.forEach(this::publish);
    if (series.size() > seriesBefore) {
      catalog = new Catalog(List.copyOf(families), List.copyOf(series), new long[series.size()]);
    }
    return true;
  }

  private boolean add(PythonFile file, int index) {
    PythonKey key = file.keys().get(index);
    MetricType type = file.name().type();
    switch (type) {
      case COUNTER -> {
        boolean known =
            key.sample().equals(key.family()) || key.sample().equals(key.family() + "_total");
        if (known) {
          addValue(file, index, key);
        } else {
          note(file, key);
        }
        return true;
      }
      case GAUGE -> {
        if (key.sample().equals(key.family())) {
          addValue(file, index, key);
        } else {
          note(file, key);
        }
        return true;
      }
      default -> {
        return addSample(new Entry(file, index), key, type);
      }
    }
  }

  private void note(PythonFile file, PythonKey key) {
    problems.putIfAbsent(file, "sample " + key.sample() + " of " + key.family() + " is not known");
  }

  private void addValue(PythonFile file, int index, PythonKey key) {
    Identity identity = identity(file, key);
    Integer cell = cells.get(identity);
    if (cell == null) {
      cell = publish(file, key, List.of());
      if (cell == NO_CELL) {
        return;
      }
      cells.put(identity, cell);
    }
    cellsOfFiles.get(file)[index] = cell;
  }

  private static Identity identity(PythonFile file, PythonKey key) {
    PythonFileName name = file.name();
    return new Identity(
        name.type(),
        name.liveOnly() + " " + name.fold(),
        key.family(),
        key.labelNames(),
        key.labelValues());
  }

  private boolean addSample(Entry entry, PythonKey key, MetricType type) {
    boolean isBucket =
        type == MetricType.HISTOGRAM && key.sample().equals(key.family() + "_bucket");
    boolean isCount = type == MetricType.SUMMARY && key.sample().equals(key.family() + "_count");
    boolean isSum = key.sample().equals(key.family() + "_sum");
    double bound = isBucket ? bound(key.label("le")) : Double.NaN;
    if (isBucket ? Double.isNaN(bound) : !isCount && !isSum) {
      note(entry.file, key);
      return true;
    }
    PythonKey without = isBucket ? key.without("le") : key;
    Samples samples =
        distributions.computeIfAbsent(identity(entry.file, without), none -> new Samples(without));
    if (isBucket) {
      if (samples.published) {
        // A later release with other buckets goes on in the file.
        return false;
      }
      samples.buckets.putIfAbsent(bound, entry);
    } else if (isCount) {
      samples.count = entry;
    } else {
      samples.sum = entry;
    }
    return true;
  }

  private static double bound(String le) {
    if (le == null) {
      return Double.NaN;
    }
    if (le.equals(INFINITY)) {
      return Double.POSITIVE_INFINITY;
    }
    try {
      double bound = Double.parseDouble(le);
      return Double.isInfinite(bound) && bound > 0 ? Double.NaN : bound;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private void publish(Identity identity, Samples samples) {
    if (samples.published || !samples.isComplete()) {
      return;
    }
    samples.published = true;
    List<Double> bounds = new ArrayList<>(samples.buckets.keySet());
    bounds.remove(Double.POSITIVE_INFINITY);
    int cell = publish(samples.sum.file, samples.key, bounds);
    if (cell != NO_CELL) {
      place(samples.sum, cell + SeriesLayout.EVEN_SUM_CELL);
      int bucket = cell + SeriesLayout.FIRST_BUCKET_CELL;
      if (samples.count != null) {
        place(samples.count, bucket);
      }
      for (Entry entry : samples.buckets.values()) {
        place(entry, bucket++);
      }
    }
  }

  private void place(Entry entry, int cell) {
    cellsOfFiles.get(entry.file)[entry.index] = cell;
  }

  /** Adds a series; returns its first cell, or that it has none. */
  private int publish(PythonFile file, PythonKey key, List<Double> bounds) {
    FamilyDescriptor family;
    try {
      family = family(file.name(), key, bounds);
    } catch (IllegalArgumentException e) {
      problems.putIfAbsent(file, e.getMessage());
      return NO_CELL;
    }
    // Not by the help, which may differ from series to series.
    List<Object> shape =
        List.of(
            family.name(),
            family.type(),
            key.labelNames(),
            family.fold(),
            family.liveOnly(),
            bounds);
    Integer index = familyIndexes.putIfAbsent(shape, families.size());
    if (index == null) {
      index = families.size();
      families.add(family);
    }
    int cell = cellCount;
    series.add(new SeriesDescriptor(index, key.labelValues(), file.createdNanos(), "", cell));
    cellCount += family.cellCount();
    return cell;
  }

  private static FamilyDescriptor family(PythonFileName file, PythonKey key, List<Double> bounds) {
    String name = key.family();
    if (file.type() == MetricType.COUNTER && name.endsWith("_total")) {
      name = name.substring(0, name.length() - "_total".length());
    }
    return new FamilyDescriptor(
        name, file.type(), key.help(), "", key.labelNames(), file.fold(), file.liveOnly(), bounds);
  }

  /** The families and series; the same object while nothing was added. */
  Catalog catalog() {
    return catalog;
  }

  /** How many cells the series have. */
  int cellCount() {
    return cellCount;
  }

  /** What of a file is not shown; null if everything is. */
  String problem(PythonFile file) {
    return problems.get(file);
  }

  /** Writes the values of all files, as they were read last, into cells that are all 0. */
  void fill(double[] into) {
    cellsOfFiles.forEach(
        (file, places) -> {
          boolean isGauge = file.name().type() == MetricType.GAUGE;
          for (int i = 0; i < places.length; i++) {
            if (places[i] != NO_CELL) {
              if (isGauge) {
                fillGauge(file, i, places[i], into);
              } else if (Double.isFinite(file.value(i))) {
                // As in worker files: what is not finite would spoil the sum forever.
                into[places[i]] += file.value(i);
              }
            }
          }
        });
  }

  private static void fillGauge(PythonFile file, int entry, int cell, double[] into) {
    double time = file.timeMicros(entry);
    if (time == 0) {
      // What has no time was set; but of the one that was set last, each has a time.
      time = file.name().fold() == GaugeFold.MOSTRECENT ? NEVER_SET : EARLIEST;
    }
    into[cell + SeriesLayout.VALUE_CELL] = file.value(entry);
    into[cell + SeriesLayout.SET_TIME_CELL] = time;
  }
}
