/*
 * base/next.h - what an iterator's next step came to.
 *
 *   enum rs_next next;
 *   while ((next = rs_reader_next(reader, &chunk, err)) == RS_NEXT_ITEM) ...
 *   return next == RS_NEXT_END;
 *
 * Pure: yes.   Threads: reentrant.
 */
#ifndef RS_BASE_NEXT_H
#define RS_BASE_NEXT_H

enum rs_next {
    RS_NEXT_ITEM,  /* the item was written to the caller's place */
    RS_NEXT_END,   /* there are no more; asking again says so again */
    RS_NEXT_ERROR, /* err is set; the iterator is good for nothing but closing */
};

#endif
