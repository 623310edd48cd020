package io.github.multiprom.exposition.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoNumbersTest {
  private static String print(double number) {
    byte[] into = new byte[GoNumbers.MAX_LENGTH];
    return new String(into, 0, GoNumbers.print(number, into, 0), StandardCharsets.US_ASCII);
  }

  /** What strconv.FormatFloat(x, 'g', -1, 64) gives. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, -0",
    "1, 1",
    "-1, -1",
    "10, 10",
    "100000, 100000",
    "123456, 123456",
    "1000000, 1e+06",
    "1234567, 1.234567e+06",
    "16713277440, 1.671327744e+10",
    "9007199254740993, 9.007199254740992e+15",
    "1e15, 1e+15",
    "1e16, 1e+16",
    "1e21, 1e+21",
    "1e100, 1e+100",
    "1.5, 1.5",
    "0.1, 0.1",
    "0.25, 0.25",
    "123456.789, 123456.789",
    "1234567.5, 1.2345675e+06",
    "0.0001, 0.0001",
    "0.00001, 1e-05",
    "0.000123, 0.000123",
    "1e-7, 1e-07",
    "0.30000000000000004, 0.30000000000000004",
    "3.3333333333333335, 3.3333333333333335",
    "2e-323, 2e-323",
    "4.9e-324, 5e-324",
    "2.2250738585072014e-308, 2.2250738585072014e-308",
    "1.7976931348623157e308, 1.7976931348623157e+308",
    "NaN, NaN",
    "Infinity, +Inf",
    "-Infinity, -Inf"
  })
  void printsAsGo(double number, String expected) {
    assertEquals(expected, print(number));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsBackAsTheSameNumberAndIsNoLongerThanJavas(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      double number =
          switch (i % 4) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextInt(1_000_000) / 1000.0;
            case 2 -> random.nextDouble() * 1e6;
            default -> (double) random.nextLong();
          };
      String text = print(number);
      if (Double.isFinite(number)) {
        String what = "seed " + seed + ": " + number + " as " + text;
        assertEquals(
            Double.doubleToLongBits(number),
            Double.doubleToLongBits(Double.parseDouble(text)),
            what);
        assertTrue(digits(text).length() <= digits(Double.toString(number)).length(), what);
      }
    }
  }

  @Test
  void needsNoMoreRoomThanItSays() {
    assertTrue(print(-2.2250738585072014e-308).length() < GoNumbers.MAX_LENGTH);
  }

  /** The significant digits. */
  private static String digits(String text) {
    String mantissa = text.replaceAll("[eE].*", "").replaceAll("[-.]", "");
    return mantissa.replaceAll("^0+", "").replaceAll("0+$", "");
  }
}
