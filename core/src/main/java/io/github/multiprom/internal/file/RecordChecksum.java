package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.RECORD_KIND_OFFSET;

import io.github.multiprom.model.Incarnation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The checksum of a record: over who wrote it, where it stands and what it says, so that a record
 * which was moved or came from another file does not pass. One thread.
 */
public final class RecordChecksum {
  private static final int POSITION_OFFSET = 2 * Long.BYTES;

  private final CRC32C checksum = new CRC32C();
  // Incarnation, position, length.
  private final ByteBuffer place =
      ByteBuffer.allocate(POSITION_OFFSET + Long.BYTES + Integer.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN);

  /** Checksums for the records of one incarnation. */
  public RecordChecksum(Incarnation incarnation) {
    place.putLong(incarnation.high()).putLong(incarnation.low());
  }

  /**
   * The checksum of a record.
   *
   * @param position of the record in the file
   * @param record with the record from its position on; not changed
   */
  public int of(long position, ByteBuffer record, int length) {
    place.putLong(POSITION_OFFSET, position).putInt(POSITION_OFFSET + Long.BYTES, length);
    checksum.reset();
    checksum.update(place.array());
    int start = record.arrayOffset() + record.position();
    checksum.update(record.array(), start + RECORD_KIND_OFFSET, length - RECORD_KIND_OFFSET);
    return (int) checksum.getValue();
  }
}
