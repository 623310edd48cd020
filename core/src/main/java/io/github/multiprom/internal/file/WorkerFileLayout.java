package io.github.multiprom.internal.file;

/**
 * The bytes of a worker file, format 1. Holds only the layout; {@code docs/file-format.md} is the
 * normative text.
 *
 * <p>A file is one header and a chain of segments. Records fill a segment from its front, blocks of
 * cells from its back:
 *
 * <pre>
 *  0        512                                                   first segment's length
 *  +--------+-----------+-------------+---------+-----------------+
 *  | header | records → | SEGMENT     |  free   | ← blocks        |
 *  +--------+-----------+------|------+---------+-----------------+
 *                              ↓
 *                              +-----------+---------------+---------+
 *                              | records → |     free      | ← blocks|
 *                              +-----------+---------------+---------+
 *
 *  header
 *    0 magic                    8 format version       12 header checksum
 *   16 incarnation (2 × 8)     32 created ns           40 pid
 *   48 start ticks             56 pid namespace        64 boot id (2 × 8)
 *   80 flags                   84 first segment length
 *   88 worker name: length (4), UTF-8 (124)           216 host: length (4), UTF-8 (124)
 *  344 most series of a family  348 reserved, 0
 *  384 published               392 exit time ns       400 beat time ns
 *  408 shared lane used       416 monotonic beat ns  424 sample time ns
 *  432 port                   440 reserved, 0
 *  512 first record
 *
 *  record
 *    0 length, a multiple of 8  4 checksum             8 kind   12 fields of the kind
 * </pre>
 *
 * All numbers are little-endian. The header's bytes before {@link #PUBLISHED_OFFSET} never change
 * once the file has its name; the words from there on do.
 */
public final class WorkerFileLayout {
  /** "MULTPROM" as little-endian characters. */
  public static final long MAGIC = 0x4D4F_5250_544C_554DL;

  /** A reader reads every file of its major version, and none of another. */
  public static final int FORMAT_MAJOR = 1;

  /** Rises when kinds or shapes are added that older readers pass over. */
  public static final int FORMAT_MINOR = 0;

  /** The version word: the major version in its lower half, the minor one in its upper half. */
  static final int FORMAT_VERSION = FORMAT_MAJOR | FORMAT_MINOR << 16;

  public static final int MAGIC_OFFSET = 0;
  public static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
  static final int HEADER_CHECKSUM_OFFSET = VERSION_OFFSET + Integer.BYTES;
  public static final int INCARNATION_OFFSET = HEADER_CHECKSUM_OFFSET + Integer.BYTES;
  static final int CREATED_OFFSET = INCARNATION_OFFSET + 2 * Long.BYTES;
  static final int PID_OFFSET = CREATED_OFFSET + Long.BYTES;
  static final int START_TICKS_OFFSET = PID_OFFSET + Long.BYTES;
  static final int PID_NAMESPACE_OFFSET = START_TICKS_OFFSET + Long.BYTES;
  static final int BOOT_ID_OFFSET = PID_NAMESPACE_OFFSET + Long.BYTES;
  static final int FLAGS_OFFSET = BOOT_ID_OFFSET + 2 * Long.BYTES;
  static final int FIRST_SEGMENT_LENGTH_OFFSET = FLAGS_OFFSET + Integer.BYTES;
  static final int WORKER_NAME_OFFSET = FIRST_SEGMENT_LENGTH_OFFSET + Integer.BYTES;
  static final int HOST_OFFSET = WORKER_NAME_OFFSET + Integer.BYTES + 124;
  static final int MAX_SERIES_OFFSET = HOST_OFFSET + Integer.BYTES + 124;
  public static final int PUBLISHED_OFFSET = 384;
  static final int EXIT_TIME_OFFSET = PUBLISHED_OFFSET + Long.BYTES;
  static final int BEAT_TIME_OFFSET = EXIT_TIME_OFFSET + Long.BYTES;
  static final int SHARED_LANE_USED_OFFSET = BEAT_TIME_OFFSET + Long.BYTES;
  public static final int MONOTONIC_BEAT_OFFSET = SHARED_LANE_USED_OFFSET + Long.BYTES;
  static final int SAMPLE_TIME_OFFSET = MONOTONIC_BEAT_OFFSET + Long.BYTES;
  static final int PORT_OFFSET = SAMPLE_TIME_OFFSET + Long.BYTES;
  public static final int HEADER_LENGTH = 512;

  /** The words that change, from {@link #PUBLISHED_OFFSET} on. */
  static final int HEADER_WORDS_LENGTH = PORT_OFFSET + Long.BYTES - PUBLISHED_OFFSET;

  /** Longest worker or host name, in bytes of UTF-8. */
  static final int MAX_NAME_LENGTH = 124;

  /** Set in the one file that holds the totals of retired workers. */
  public static final int FLAG_RETAINED = 1;

  /**
   * Set in a worker file whose blocks lie in the Chronicle Map beside it, as long as that has room.
   * A position of a block from 0 on is then one in the map, and a negative position {@code p}
   * stands for {@code ~p} in the worker file.
   */
  static final int FLAG_MAP = 2;

  public static final int RECORD_LENGTH_OFFSET = 0;
  public static final int RECORD_CHECKSUM_OFFSET = RECORD_LENGTH_OFFSET + Integer.BYTES;
  public static final int RECORD_KIND_OFFSET = RECORD_CHECKSUM_OFFSET + Integer.BYTES;
  static final int RECORD_FIELDS_OFFSET = RECORD_KIND_OFFSET + Integer.BYTES;

  /** A longer record is damage, and a series that would need one is refused. */
  static final int MAX_RECORD_LENGTH = 16 << 20;

  /**
   * Set in a record kind that may be lost when its worker is retired. A file with a kind that a
   * reader does not know, and that lacks this bit, is never retired by that reader.
   */
  public static final int MAY_BE_LOST = 1 << 16;

  // Record kinds. A reader passes over a kind that it does not know.
  static final int FAMILY = 1;
  static final int SERIES = 2;
  static final int PAGE = 3;
  static final int BLOCK = 4;
  static final int TOMBSTONE = 5;
  static final int SEGMENT = 6;
  static final int RETIRED = 7;
  static final int PREDECESSOR = 8;
  static final int BUCKETS = 10;
  static final int HISTORY = 11;
  static final int EXEMPLARS = MAY_BE_LOST | 9;

  /** Length of a SEGMENT record; the front of every segment keeps room for one. */
  static final int SEGMENT_RECORD_LENGTH = 32;

  /** Length of a PAGE or BLOCK record, or more. */
  static final int BLOCK_RECORD_LENGTH = 32;

  static final int BUCKETS_RECORD_LENGTH = 32;

  static final int HISTORY_RECORD_LENGTH = 24;

  /** Set in a family's shape for a gauge that counts live workers only. */
  static final int SHAPE_LIVE_ONLY = 1 << 16;

  /** Set in a family's shape for a native histogram, and for a summary with quantiles. */
  static final int SHAPE_NATIVE = 1 << 17;

  /** Set in a family's shape if only registries of the application's own were given it. */
  static final int SHAPE_OWN_REGISTRIES = 1 << 24;

  /** Bits of a family's shape that a reader may pass over when it does not know them. */
  static final int SHAPE_OPTIONAL = 0xFF00_0000;

  public static final int CELL_LENGTH = Double.BYTES;

  /** Blocks start at multiples of this: two cache lines, which processors fetch in pairs. */
  public static final int BLOCK_ALIGNMENT = 128;

  /** Most cells of a page: as many as the longest histogram whose record is accepted could need. */
  public static final int MAX_PAGE_CELLS = MAX_RECORD_LENGTH / CELL_LENGTH;

  /** Most cells of a file, not counted per lane: enough for 900,000 histograms with 14 buckets. */
  public static final int MAX_CELLS = 16 << 20;

  /** The blocks of all lanes of one file, so that no file costs a read without end. */
  static final long MAX_BLOCKS_LENGTH = 1L << 30;

  public static final int SEGMENT_ALIGNMENT = 4096;
  static final int FIRST_SEGMENT_LENGTH = 16 << 10;
  static final int MAX_SEGMENT_GROWTH = 1 << 20;

  /** The lane whose cells several threads share; its blocks come with their page. */
  public static final int SHARED_LANE = 0;

  /** Highest lane number that a reader accepts. */
  public static final int MAX_LANE = 4096;

  private WorkerFileLayout() {}
}
