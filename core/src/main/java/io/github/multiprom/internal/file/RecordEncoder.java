package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.*;

import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.QuantileWindow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Builds one record at a time. One thread.
 *
 * <p>The diagrams of the kinds stand in {@code docs/file-format.md}; {@link RecordDecoder} reads
 * what is written here.
 */
public final class RecordEncoder {
  private static final int TOMBSTONE_RECORD_LENGTH =
      RECORD_FIELDS_OFFSET + Integer.BYTES + Long.BYTES;

  private ByteBuffer record = buffer(512);

  ByteBuffer family(FamilyDescriptor family) throws IOException {
    begin(FAMILY);
    putInt(
        family.type().code()
            | family.fold().code() << 8
            | (family.liveOnly() ? SHAPE_LIVE_ONLY : 0)
            | (family.nativeShape() != null ? SHAPE_NATIVE : 0)
            | (family.ownRegistries() ? SHAPE_OWN_REGISTRIES : 0));
    putString(family.name());
    putString(family.unit());
    putString(family.help());
    putStrings(family.labelNames());
    putInt(family.upperBounds().size());
    for (double bound : family.upperBounds()) {
      putLong(Double.doubleToRawLongBits(bound));
    }
    if (family.type() == MetricType.STATESET) {
      putStrings(family.states());
    }
    if (family.nativeShape() != null) {
      putInt(family.nativeShape().schema());
      putInt(family.nativeShape().maxBuckets());
    }
    if (family.window() != null) {
      putWindow(family.window());
    }
    return end();
  }

  private void putWindow(QuantileWindow window) throws IOException {
    putLong(window.maxAgeMs());
    putInt(window.steps());
    putInt(window.quantiles().size());
    for (QuantileWindow.Quantile each : window.quantiles()) {
      putLong(Double.doubleToRawLongBits(each.quantile()));
      putLong(Double.doubleToRawLongBits(each.error()));
    }
  }

  /** The {@code owner} is empty but for a retired worker's own series in the retained totals. */
  ByteBuffer series(
      int family,
      int page,
      int firstCell,
      long createdNanos,
      String owner,
      List<String> labelValues)
      throws IOException {
    begin(SERIES);
    putInt(family);
    putInt(page);
    putInt(firstCell);
    putLong(createdNanos);
    putString(owner);
    putStrings(labelValues);
    return end();
  }

  public ByteBuffer page(int cellCount, long sharedBlockOffset) throws IOException {
    begin(PAGE);
    putInt(cellCount);
    putLong(sharedBlockOffset);
    return end();
  }

  ByteBuffer block(int lane, int page, long offset) throws IOException {
    begin(BLOCK);
    putInt(lane);
    putInt(page);
    putLong(offset);
    return end();
  }

  ByteBuffer buckets(int series, ChunkKey chunk, WorkerFile.ChunkPlace place) throws IOException {
    begin(BUCKETS);
    putInt(series);
    putInt(chunk.sign() | chunk.level() << Byte.SIZE);
    putInt(chunk.key());
    putInt(place.page().index);
    putInt(place.firstCell());
    return end();
  }

  ByteBuffer history(int series, long position) throws IOException {
    begin(HISTORY);
    putInt(series);
    putLong(position);
    return end();
  }

  ByteBuffer exemplars(int series, int slotCount, int slotLength, long position)
      throws IOException {
    begin(EXEMPLARS);
    putInt(series);
    putInt(slotCount);
    putInt(slotLength);
    putLong(position);
    return end();
  }

  ByteBuffer tombstone(int series, long removedNanos) {
    record.clear().limit(TOMBSTONE_RECORD_LENGTH);
    record.putInt(RECORD_LENGTH_OFFSET, TOMBSTONE_RECORD_LENGTH);
    // Kind and series.
    record.putLong(RECORD_KIND_OFFSET, (long) series << Integer.SIZE | TOMBSTONE);
    return record.putLong(RECORD_FIELDS_OFFSET + Integer.BYTES, removedNanos);
  }

  ByteBuffer segment(long offset, int length) throws IOException {
    begin(SEGMENT);
    putInt(length);
    putLong(offset);
    return end();
  }

  ByteBuffer retired(Incarnation incarnation) throws IOException {
    begin(RETIRED);
    putInt(0);
    putLong(incarnation.high());
    putLong(incarnation.low());
    return end();
  }

  ByteBuffer predecessor(Incarnation incarnation) throws IOException {
    begin(PREDECESSOR);
    putInt(0);
    putLong(incarnation.high());
    putLong(incarnation.low());
    return end();
  }

  private void begin(int kind) {
    record.clear();
    record.putInt(0).putInt(0).putInt(kind);
  }

  private ByteBuffer end() throws IOException {
    int length = (record.position() + 7) & -8;
    need(length - record.position());
    while (record.position() < length) {
      record.put((byte) 0);
    }
    record.putInt(RECORD_LENGTH_OFFSET, length);
    return record.flip();
  }

  private void putInt(int value) throws IOException {
    need(Integer.BYTES);
    record.putInt(value);
  }

  private void putLong(long value) throws IOException {
    need(Long.BYTES);
    record.putLong(value);
  }

  private void putString(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    need(Integer.BYTES + bytes.length);
    record.putInt(bytes.length).put(bytes);
  }

  private void putStrings(List<String> texts) throws IOException {
    putInt(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      putString(texts.get(i));
    }
  }

  private void need(int length) throws IOException {
    long capacity = (long) record.position() + length;
    if (capacity > MAX_RECORD_LENGTH) {
      throw new FormatLimitException("a name or label is too long");
    }
    if (capacity > record.capacity()) {
      ByteBuffer larger =
          buffer((int) Math.min(MAX_RECORD_LENGTH, Math.max(capacity, 2L * record.capacity())));
      record = larger.put(record.flip());
    }
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }
}
