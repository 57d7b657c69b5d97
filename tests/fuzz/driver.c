/*
 * driver - run a fuzzer's function without libFuzzer: replay its corpus, then bend it.
 *
 *   fuzz_csv DIR|FILE... [-runs=N]        (default: 20000 bent inputs, or 5 seconds of them)
 *
 * Every file is given to the fuzzer as it is, in name order; after that inputs are made from the
 * files by a generator with a fixed seed: bytes changed, bits flipped, pieces cut out, two files
 * crossed. So each run begins alike, with any compiler, and a finding can be looked at again:
 * the input is left in the file named on stderr.
 */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SEEDS_MAX = 4096, INPUT_MAX = 1 << 16, SECONDS_MAX = 5 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seed {
    uint8_t *data;
    size_t size;
};

struct corpus {
    struct seed seeds[SEEDS_MAX];
    size_t count;
};

/* The input that is running, for the handler of a crash. */
static uint8_t current[INPUT_MAX];
static volatile size_t current_size;

static uint64_t draw(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15U);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static void leave_input(int number)
{
    char path[] = "/tmp/rs-fuzz-XXXXXX";
    int fd = mkstemp(path);

    if (fd >= 0 && write(fd, current, current_size) >= 0 && write(2, "the input is in ", 16) >= 0 &&
        write(2, path, strlen(path)) >= 0) {
        (void)!write(2, "\n", 1);
    }
    signal(number, SIG_DFL);
    raise(number);
}

/* A block of exactly the input's size, so that a sanitizer sees a read past its end. */
static void run_one(size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);

    if (!exact) {
        exit(1);
    }
    memcpy(exact, current, size);
    current_size = size;
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void load_file(struct corpus *corpus, const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t size = 0;

    if (!file || corpus->count == SEEDS_MAX) {
        fprintf(stderr, "could not read \"%s\"\n", path);
        exit(1);
    }
    size = fread(current, 1, sizeof current, file);
    fclose(file);
    corpus->seeds[corpus->count] = (struct seed){malloc(size ? size : 1), size};
    memcpy(corpus->seeds[corpus->count].data, current, size);
    corpus->count++;
    run_one(size);
}

static void load(struct corpus *corpus, const char *path)
{
    struct stat status;
    struct dirent **entries = NULL;
    int count = 0;

    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        load_file(corpus, path);
        return;
    }
    count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            load(corpus, name);
        }
        free(entries[i]);
    }
    free(entries);
}

/* One input made from one or two seeds, in current. Returns its size. */
static size_t bend(const struct corpus *corpus, uint64_t *state)
{
    const struct seed *from = &corpus->seeds[draw(state) % corpus->count];
    const struct seed *with = &corpus->seeds[draw(state) % corpus->count];
    size_t size = from->size;
    unsigned changes = (unsigned)(draw(state) % 6);

    memcpy(current, from->data, size);
    if (draw(state) % 4 == 0 && size > 0 && with->size > 0) { /* cross */
        size_t keep = draw(state) % size;
        size_t start = draw(state) % with->size;
        size_t more = with->size - start;
        more = more > INPUT_MAX - keep ? INPUT_MAX - keep : more;
        memcpy(current + keep, with->data + start, more);
        size = keep + more;
    }
    for (unsigned i = 0; i < changes && size > 0; i++) {
        size_t at = draw(state) % size;
        switch (draw(state) % 4) {
        case 0: /* another byte */
            current[at] = (uint8_t)draw(state);
            break;
        case 1: /* one bit */
            current[at] ^= (uint8_t)(1U << draw(state) % 8);
            break;
        case 2: /* cut a piece out */
            memmove(current + at, current + at + 1, size - at - 1);
            size--;
            break;
        case 3: /* a byte of the grammar: what makes parsers turn */
            current[at] = (uint8_t) "{}[]\",:\\\n\r0-9eE.u\x00\x7f\x80\xff"[draw(state) % 21];
            break;
        }
    }
    return size;
}

int main(int argc, char **argv)
{
    static struct corpus corpus;
    uint64_t state = 1;
    unsigned long runs = 20000;
    unsigned long done = 0;
    time_t end = 0;

    signal(SIGABRT, leave_input);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-runs=", 6) == 0) {
            runs = strtoul(argv[i] + 6, NULL, 10);
        } else {
            load(&corpus, argv[i]);
        }
    }
    if (corpus.count == 0) {
        fprintf(stderr, "no inputs in the corpus\n");
        return 1;
    }
    end = time(NULL) + SECONDS_MAX;
    for (; done < runs && time(NULL) <= end; done++) {
        run_one(bend(&corpus, &state));
    }
    printf("%zu files, %lu bent inputs\n", corpus.count, done);
    for (size_t i = 0; i < corpus.count; i++) {
        free(corpus.seeds[i].data);
    }
    return 0;
}
