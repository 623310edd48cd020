package io.github.multiprom.internal.file;

import io.github.multiprom.model.SeriesExemplar;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the exemplars of one worker file. One thread. */
final class ExemplarReader {
  /** Enough for a writer that writes one now and then. */
  private static final int MAX_TRIES = 32;

  private record Place(CellReader.Block block, int slotCount, int slotLength) {}

  // By the index of the series in the catalog.
  private final Map<Integer, Place> places = new HashMap<>();
  private Map<Integer, List<SeriesExemplar>> exemplars = Map.of();

  /** Notes where the exemplars of a series are from now on. */
  void add(int series, CellReader.Block block, int slotCount, int slotLength) {
    places.put(series, new Place(block, slotCount, slotLength));
  }

  /** Reads all exemplars anew. */
  void read() throws IOException {
    if (places.isEmpty()) {
      return;
    }
    Map<Integer, List<SeriesExemplar>> read = new HashMap<>();
    for (Map.Entry<Integer, Place> each : places.entrySet()) {
      List<SeriesExemplar> ofSeries = read(each.getValue());
      if (!ofSeries.isEmpty()) {
        read.put(each.getKey(), ofSeries);
      }
    }
    exemplars = Map.copyOf(read);
  }

  private static List<SeriesExemplar> read(Place place) throws IOException {
    List<SeriesExemplar> read = new ArrayList<>();
    byte[] first = bytes(place, 0, place.slotCount);
    byte[] second = bytes(place, 0, place.slotCount);
    for (int slot = 0; slot < place.slotCount; slot++) {
      int from = slot * place.slotLength;
      byte[] before = Arrays.copyOfRange(first, from, from + place.slotLength);
      byte[] after = Arrays.copyOfRange(second, from, from + place.slotLength);
      SeriesExemplar exemplar = ExemplarSlots.read(before, after);
      for (int tries = 1; exemplar == null && tries < MAX_TRIES; tries++) {
        if (ExemplarSlots.isUnused(after)) {
          break;
        }
        before = after;
        after = bytes(place, slot, 1);
        exemplar = ExemplarSlots.read(before, after);
      }
      if (exemplar != null) {
        read.add(exemplar);
      }
    }
    return List.copyOf(read);
  }

  private static byte[] bytes(Place place, int slot, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count * place.slotLength);
    place.block.source().read(bytes, place.block.offset() + (long) slot * place.slotLength);
    return bytes.array();
  }

  /** What was read last, by the index of the series in the catalog. */
  Map<Integer, List<SeriesExemplar>> exemplars() {
    return exemplars;
  }
}
