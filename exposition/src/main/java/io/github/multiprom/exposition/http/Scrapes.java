package io.github.multiprom.exposition.http;

import io.github.multiprom.exposition.format.ExpositionBytes;
import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.ExpositionWriter;
import io.github.multiprom.merge.DirectoryOverview;
import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.SampleNames;
import io.github.multiprom.merge.WorkerStatus;
import io.github.multiprom.model.FamilyDescriptor;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The bodies of scrapes of one collector. Thread-safe; concurrent scrapes share merges. */
public final class Scrapes {
  private static final int MAX_NAMED = 16;

  private final MultiprocessCollector collector;
  private final LongConsumer room;
  private final UnaryOperator<ExpositionBytes> compression;
  private final Map<ExpositionFormat, ExpositionWriter> writers =
      new EnumMap<>(ExpositionFormat.class);

  private final Map<ExpositionFormat, SingleFlight<Body>> whole =
      new EnumMap<>(ExpositionFormat.class);

  private final SingleFlight<DirectoryOverview> overview;
  private final SingleFlight<List<WorkerStatus>> workers;

  /** In bytes, of the last body of all samples. */
  private volatile long lastLength;

  /** Of the names that were asked for last. */
  private final Map<Selection, SingleFlight<Body>> named =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Selection, SingleFlight<Body>> eldest) {
          return size() > MAX_NAMED;
        }
      };

  /** The worker is null for all workers, and the names are empty for all. */
  private record Selection(ExpositionFormat format, Set<String> names, String worker) {}

  /** The body of one scrape, compressed at the first request for that. */
  public final class Body {
    private final ExpositionBytes plain;
    private ExpositionBytes compressed;

    Body(ExpositionBytes plain) {
      this.plain = plain;
    }

    public ExpositionBytes plain() {
      return plain;
    }

    public synchronized ExpositionBytes gzip() {
      if (compressed == null) {
        compressed = compression.apply(plain);
      }
      return compressed;
    }
  }

  /**
   * Scrapes of a collector.
   *
   * @param room called before each merge; waits until there is room for a body of so many bytes
   */
  public Scrapes(MultiprocessCollector collector, LongConsumer room) {
    this(collector, room, ExpositionBytes::gzip);
  }

  /**
   * Scrapes with another compression.
   *
   * @param compression from a body to the compressed one
   */
  public Scrapes(
      MultiprocessCollector collector,
      LongConsumer room,
      UnaryOperator<ExpositionBytes> compression) {
    this.collector = collector;
    this.room = room;
    this.compression = compression;
    overview = new SingleFlight<>(collector::overview);
    workers = new SingleFlight<>(collector::workers);
    for (ExpositionFormat format : ExpositionFormat.values()) {
      writers.put(format, ExpositionWriter.of(format));
      whole.put(format, new SingleFlight<>(() -> merged(format)));
    }
  }

  /** What there is in the directory, for people. */
  public DirectoryOverview overview() {
    return overview.get();
  }

  /** The workers that have a file. */
  public List<WorkerStatus> workers() {
    return workers.get();
  }

  /** All samples. */
  public Body all(ExpositionFormat format) {
    return whole.get(format).get();
  }

  /**
   * What some names select: of a family all samples, of a sample itself. Families of which nothing
   * is selected are not merged.
   */
  public Body named(ExpositionFormat format, Set<String> names) {
    return select(new Selection(format, Set.copyOf(names), null));
  }

  /**
   * What one worker counted, as if it were alone.
   *
   * @param names as of {@link #named}; empty for all
   * @param worker one of its incarnations, or its name
   * @return null if there is no such worker
   */
  public Body ofWorker(ExpositionFormat format, Set<String> names, String worker) {
    return select(new Selection(format, Set.copyOf(names), worker));
  }

  private Body select(Selection selection) {
    SingleFlight<Body> flight;
    synchronized (named) {
      flight = named.computeIfAbsent(selection, key -> new SingleFlight<>(() -> merged(key)));
    }
    return flight.get();
  }

  // Whatever runs in the collector's merge has its monitor, so a writer has one thread at a time,
  // and what it keeps for one selection serves the others.

  private Body merged(ExpositionFormat format) {
    ExpositionWriter writer = writers.get(format);
    room.accept(lastLength);
    ExpositionBytes body =
        collector.merge(family -> true, families -> writer.writeAll(families, name -> true));
    lastLength = body.length();
    return new Body(body);
  }

  private Body merged(Selection selection) {
    Set<String> names = selection.names;
    room.accept(0);
    if (selection.worker != null) {
      // What the writers keep is of all workers' series.
      ExpositionWriter writer = ExpositionWriter.of(selection.format);
      return collector
          .mergeWorker(
              selection.worker,
              family -> names.isEmpty() || selects(names, family),
              families ->
                  writer.writeAll(
                      families, names.isEmpty() ? name -> true : sampleNames(names, families)))
          .map(Body::new)
          .orElse(null);
    }
    ExpositionWriter writer = writers.get(selection.format);
    return new Body(
        collector.merge(
            family -> selects(names, family),
            families -> writer.writeSome(families, sampleNames(names, families))));
  }

  private static boolean selects(Set<String> names, FamilyDescriptor family) {
    return names.contains(family.name()) || !Collections.disjoint(names, SampleNames.all(family));
  }

  private static Predicate<String> sampleNames(Set<String> names, List<MergedFamily> families) {
    Set<String> selected = new HashSet<>(names);
    for (MergedFamily family : families) {
      if (names.contains(family.descriptor().name())) {
        selected.addAll(SampleNames.all(family.descriptor()));
      }
    }
    return selected::contains;
  }
}
