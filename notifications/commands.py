"""The words people text us, as one table: what each means, in English, Welsh and Bengali.

Latin spellings stand beside the scripts. Words that mean one thing in one language and something else in
another are listed under that language only. No word here is CANCEL, END, QUIT or STOP with a meaning of
ours: those belong to the carriers.
"""

from typing import Final, Literal

Verb = Literal[
    "yes",
    "no",
    "different",
    "gave",
    "received",
    "duration",
    "number",
    "balance",
    "menu",
    "whats_on",
    "book",
    "leave",
    "need",
    "language",
    "call_me",
    "have_it",
    "able",
    "unable",
    "thanks",
    "stop",
    "start",
    "unknown",
]


def listed(words: str) -> frozenset[str]:
    """Words with spaces between them, as a set."""
    return frozenset(words.split())


def phrases(words: str) -> tuple[str, ...]:
    """Phrases with bars between them."""
    return tuple(words.split("|"))


CARRIER_STOP: Final = listed("stop stopall unsubscribe cancel end quit optout revoke")
CARRIER_START: Final = frozenset({"start", "unstop"})
ALONE: Final[dict[Verb, str]] = {
    "stop": "stop all|stop it|stop now|stop stop|opt out|opt-out|opt me out|remove me|unsubscribe me|"
    "no texts|"
    "stopio|peidiwch|বন্ধ|বন্ধ করুন|বন্ধ করো|বন্ধ করেন|স্টপ|থামুন|থামান|"
    "bondho|bondho korun|bondho koro|bondho koren|thamun",
    "start": "start again|start please|start texts|dechrau|শুরু|শুরু করুন|স্টার্ট|চালু করুন|shuru|shuru korun",
    "call_me": "ring|call|phone|person|human|coordinator|ffoniwch|ffonia|cydlynydd",
    "balance": "hours|oriau|ঘণ্টা|ghonta",
}
"""What is meant by these only when nothing else is said; the carrier knows none of them."""

ANY: Final[dict[Verb, str]] = {
    # English
    "yes": "yes|y|yeah|yep|yup|yea|yess|yh|aye|ok|okay|okey|sure|correct|right|that's right|thats right|"
    "that is right|it's right|that's fine|sounds right|sounds good|spot on|all good|it did|it happened|"
    "agreed|i agree|confirm|confirmed|of course|definitely|true|👍|✅|✔|"
    # Welsh
    "ie|iawn|oce|ydy|ydi|ydyn|ydw|oes|cywir|wrth gwrs|cytuno|dwi'n cytuno|mae'n gywir|mae hynny'n gywir|"
    # Bengali, in its script and as people type it
    "হ্যাঁ|হ্যা|হাঁ|হা|জি|জী|জ্বি|জ্বী|ঠিক|ঠিক আছে|ঠিকাছে|একদম ঠিক|আচ্ছা|haan|hae|hya|hyan|hyaa|"
    "thik|thik ache|thik ase|thikache|accha|acha|jee|jii",
    "no": "no|n|nope|nah|nay|noo|wrong|incorrect|not right|that's wrong|thats wrong|that is wrong|"
    "not true|untrue|never|no way|disagree|i disagree|👎|❌|"
    "na|nage|naddo|dim diolch|nac ydy|nac ydw|nag ydy|nag ydw|nag oes|nac oes|anghywir|ddim yn gywir|"
    "dyw e ddim|"
    "না|নাহ|ভুল|ঠিক না|ঠিক নয়|ঠিক নাই|মোটেই না|naa|bhul|vul|thik na|thik nai|thik noy",
    "balance": "balance|bal|ballance|balence|my balance|my hours|how many hours|what's my balance|"
    "what is my balance|how many hours have i got|how many hours i have got|how many hours ive got|"
    "how much do i have|how much have i got|"
    "balans|fy malans|fy oriau|sawl awr|faint o oriau|faint o awr|"
    "ব্যালেন্স|ব্যালান্স|আমার ঘণ্টা|আমার ঘন্টা|কত ঘণ্টা|hisab|হিসাব|amar ghonta|koto ghonta|balans koto",
    "menu": "menu|help|info|commands|options|what can i do|what can i text|bwydlen|cymorth|dewislen|মেনু|"
    "সাহায্যের তালিকা|কী করা যায়",
    "whats_on": "what's on|whats on|what is on|on this week|what's happening|anything on|events|activities|"
    "beth sy ymlaen|beth sy'n digwydd|be sy mlaen|be sy' mlaen|beth sy mlaen|beth sy' mlaen|"
    "beth sydd ymlaen|beth sydd mlaen|digwyddiadau|"
    "কী আছে|কি আছে|কী কী আছে|কি কি আছে|ki ki ache|কী হচ্ছে|কি হচ্ছে|ki ache|ki hocche|onusthan|অনুষ্ঠান",
    "book": "book|join|come to|i'd like to come|id like to come|i want to come|i'd like to join|"
    "i want to join|i'm coming|im coming|count me in|sign me up|bwcio|archebu|cadw lle|dod i|"
    "বুক|বুকিং|যোগ দেব|আসব|book koro|jog debo|ashbo|asbo",
    "leave": "leave|drop|can't come|cant come|cannot come|not coming|can't make it|cant make it|"
    "i can't make it|i can't come|"
    "gadael|methu dod|dim yn dod|ddim yn dod|"
    "আসব না|আসতে পারব না|যাব না|ashbo na|asbo na|aste parbo na|ashte parbo na|jabo na",
    "need": "need|i need|we need|want|i want|i'd like|id like|looking for|can someone|can somebody|"
    "could do with|help with|help me with|can you help me|could you help me|can you find|could you find|"
    "could someone|could somebody|can anyone|could anyone|is there anyone|please can someone|"
    "angen|dwi angen|dwi'n angen|mae angen|rydw i angen|eisiau|dwi eisiau|isio|dwi isio|chwilio am|"
    "দরকার|লাগবে|চাই|প্রয়োজন|dorkar|lagbe|chai|proyojon",
    "gave": "gave|gav|gve|i gave|given|i've given|ive given|i helped|helped|"
    "rhoi|rhoddais|rhoddes|rhois|rois|wedi rhoi|nes i roi|helpais|nes i helpu|"
    "দিলাম|দিয়েছি|দিসি|সাহায্য করেছি|sahajjo korechi|আমি দিয়েছি|dilam|diyechi|diyesi|disi",
    "received": "gave me|given me|helped me|got|recvd|rcvd|recd|i got|had|i had|received|i received|"
    "was given|i was given|recieved|"
    "cael|cefais|ces|ges i|ges|gefais|wedi cael|derbyn|derbyniais|"
    "পেলাম|পেয়েছি|আমি পেয়েছি|আমাকে দিয়েছে|আমাকে দিয়েছেন|আমাকে দিল|amake diyeche|amake diyechen|"
    "amake dilo|নিলাম|নিয়েছি|pelam|peyechi|peyesi|nilam",
    "call_me": "call me|call me please|please call|please call me|ring me|phone me|give me a call|"
    "callme|call back|callback|call me back|ring me back|please ring|please phone|give me a ring|"
    "can you call|can you ring|can you call me|can you ring me|talk to someone|"
    "talk to somebody|speak to someone|speak to somebody|a person|real person|"
    "ffoniwch fi|ffonia fi|plis ffonia|ffoniwch plis|galwch fi|wnewch chi ffonio|siarad a rhywun|"
    "siarad â rhywun|"
    "ফোন করুন|ফোন করেন|ফোন দিন|ফোন দেন|কল দিন|কল দেন|আমাকে ফোন করুন|কল করুন|কথা বলতে চাই|"
    "phone korun|phone koren|phone din|phone den|call korun|call koren|kotha bolte chai",
    "have_it": "got it|i got it|i got this|i've got this|ok got it|yes got it|on my way|i'll go|"
    "i'll deal with it|"
    "i'll see to it|i've got it|ive got it|i have it|have it|i have got it|on it|i'm on it|im on it|"
    "mae gen i|fi sy'n delio|fi sydd yn delio|আমি দেখছি|দায়িত্ব নিলাম|ami dekhchi",
    # Said to being asked for help: no answer to whether an hour is right.
    "able": "i can|i can help|i can do it|i can do that|happy to|happy to help|i'd love to|"
    "i'd be happy to|i'll do it|"
    "galla i|gallaf|hapus i helpu|পারব|আমি পারব|parbo|ami parbo",
    "unable": "i can't|can't|cannot|i cannot|can't do it|can't do that|i can't do that|can't help|"
    "i can't help|not this time|"
    "sorry i can't|sorry can't|can't sorry|i'm busy|busy|i'm not able to|"
    "alla i ddim|fedra i ddim|na allaf|methu|পারব না|আমি পারব না|parbo na|ami parbo na",
    "thanks": "thanks|thank you|thank u|thankyou|thx|ta|cheers|great|lovely|brilliant|perfect|"
    "much appreciated|"
    "diolch|diolch yn fawr|gwych|hyfryd|ধন্যবাদ|অনেক ধন্যবাদ|dhonnobad|onek dhonnobad|🙏|❤|😊|🙂|😀",
    # Words that look like an answer and are none.
    "unknown": "help me out|wrong number|wrong person|wrong no|not me|no problem|no worries|no idea|no rush|"
    "rhif anghywir|dim problem|dim syniad|ভুল নম্বর|ভুল নাম্বার|vul number|bhul number",
    "stop": "stop texting|stop texting me|stop texts|no more texts|stop messaging|stop messaging me|"
    "don't text me|dont text me|do not text me|do not text|don't text|stop sending|stop the texts|"
    "stop the messages|"
    "stop these texts|stop messages|stop contacting me|no more messages|take me off your list|"
    "leave me alone|take me off|stop please|please stop|"
    "peidiwch a thecstio|peidiwch â thecstio|dim mwy o negeseuon|"
    "আর মেসেজ না|আর মেসেজ দেবেন না|মেসেজ দেবেন না|মেসেজ বন্ধ করুন|বার্তা বন্ধ করুন|message bondho|"
    "ar message na|sms bondho",
}
"""Phrases separated by bars; apostrophes may be left out when typing."""

BY_LANGUAGE: Final[dict[str, dict[Verb, str]]] = {
    "en": {"no": "not"},
    "cy": {"yes": "do|ia|ok de", "need": "help gyda|helpu gyda"},
    "bn": {"yes": "ha|haa|ji|hmm|hm|hu", "no": "nai|noy"},
}
"""Words that only mean this to somebody who reads that language: an English "ha ha" is no yes."""

FILLERS: Final = listed(
    "a an the it was is its it's that's thats this to from with for of by and i me my you your she he they "
    "her him them on in at please pls plz plis thanks thank ta sorry x xx xxx hi hello hey dear cheers oh "
    "well just "
    "os gwelwch yn dda diolch sori helo i'r gan gyda gyda'r am o oedd mae y yr ac a'r fi chi ti e hi eto "
    "ধন্যবাদ দুঃখিত দয়া করে অনুগ্রহ প্লিজ আমি আমার আপনি এটা ওটা টা টি এর কে থেকে সঙ্গে সাথে জন্য ছিল "
    "dhonnobad please amar ami apni eta ta theke shathe sathe ke er jonno chilo "
    "o'clock hrs about really very ref reference number no. answer reply text"
)
HEDGES: Final = listed(
    "but not never didn't didnt don't dont wasn't wasnt isn't isnt can't cant won't wont if maybe unless "
    "except however why what when ond ddim dim byth efallai oni pam কিন্তু কখনো হয়তো যদি কেন kintu jodi keno"
)
ALARMS: Final = phrases(
    "suicid|kill myself|kill me|overdose|self harm|selfharm|self-harm|want to die|wanna die|end it all|"
    "end my life|hurt me|hurting me|hits me|hit me|beats me|beat me|hurt myself|scared|afraid|frightened|"
    "not safe|unsafe|in danger|hitting me|going to hit|following me|bleeding|chest pain|i've fallen|"
    "ive fallen|i fell|"
    "taken tablets|taken pills|took tablets|all my pills|too many pills|too many tablets|"
    "can't cope|cant cope|can't go on like|cant go on like|ending it|call 999|ring 999|dial 999|"
    "rape|abuse|help me|emergency|ambulance|police|can't breathe|cant breathe|"
    "fallen over|had a fall|no food|starving|no heating|evicted|"
    "hunanladd|lladd fy hun|eisiau marw|isio marw|brifo fi|mewn perygl|ofnus|ofn arna|fy mrifo|fy nharo|"
    "bwrw fi|taro fi|gwaedu|argyfwng|ambiwlans|"
    "heddlu|cam-drin|helpwch fi|dim bwyd|wedi cwympo|wedi syrthio|wedi disgyn|"
    "আত্মহত্যা|মরে যেতে|মরতে চাই|মেরে ফেল|মারছে|মারে|ভয় পা|ভয় লাগ|ভয় কর|মারতে|মারবে|রক্ত পড়|"
    "বুকে ব্যথা|বিপদ|বাঁচান|"
    "পুলিশ|অ্যাম্বুলেন্স|নির্যাতন|পড়ে গেছি|"
    "খাবার নেই|more jete|morte chai|mere fel|amake mare|amake mar|voy pa|bhoy pa|voy lag|bhoy lag|voy kor|"
    "bhoy kor|bipod|bachan|khabar nai"
)
"""Beginnings of words, or words together, that a person must see whatever else a text says."""

HOUR_UNITS: Final = listed(
    "h hr hrs hour hours hors houre hous awr oriau ঘণ্টা ঘন্টা ঘন্টার ঘণ্টার ghonta ghanta ghonto ghnta"
)
MINUTE_UNITS: Final = listed(
    "m min mins minute minutes minuts minits mun munud munudau মিনিট মি minit minite"
)
COUNTED: Final = {
    word: number
    for number, words in (
        (1, "one un এক ek"),
        (2, "two dau dwy দুই dui"),
        (3, "three tri tair তিন tin"),
        (4, "four pedwar pedair চার char"),
        (5, "five pum pump পাঁচ pach panch"),
        (6, "six chwe chwech ছয় choy"),
        (7, "seven saith সাত"),
        (8, "eight wyth আট"),
        (9, "nine naw নয়"),
        (10, "ten deg দশ dosh"),
        (15, "fifteen pymtheg পনেরো ponero"),
        (20, "twenty ugain বিশ কুড়ি bish kuri"),
        (30, "thirty ত্রিশ trish"),
        (40, "forty চল্লিশ chollish"),
        (50, "fifty পঞ্চাশ"),
        (60, "sixty ষাট"),
        (90, "ninety নব্বই"),
    )
    for word in words.split()
} | {
    f"{tens}{joint}five": number + 5
    for tens, number in (("twenty", 20), ("thirty", 30), ("forty", 40), ("fifty", 50))
    for joint in (" ", "-", "")
}
"""Numbers that are said before a unit of time."""
SPOKEN_MINUTES: Final[dict[str, int]] = {
    "an hour and a half": 90,
    "hour and a half": 90,
    "half an hour": 30,
    "half of an hour": 30,
    "half hour": 30,
    "half a hour": 30,
    "quarter of an hour": 15,
    "three quarters of an hour": 45,
    "an hour": 60,
    "a hour": 60,
    "couple of hours": 120,
    "awr a hanner": 90,
    "hanner awr": 30,
    "chwarter awr": 15,
    "dwyawr": 120,
    "teirawr": 180,
    "আধা ঘণ্টা": 30,
    "আধা ঘন্টা": 30,
    "আধঘণ্টা": 30,
    "দেড় ঘণ্টা": 90,
    "দেড় ঘন্টা": 90,
    "আড়াই ঘণ্টা": 150,
    "আড়াই ঘন্টা": 150,
    "adha ghonta": 30,
    "der ghonta": 90,
    "arai ghonta": 150,
}
"""Times said in words, longest first when read."""

LANGUAGE_NAMES: Final = {
    "english": "en",
    "saesneg": "en",
    "ingreji": "en",
    "ইংরেজি": "en",
    "welsh": "cy",
    "cymraeg": "cy",
    "ওয়েলশ": "cy",
    "bengali": "bn",
    "bangla": "bn",
    "bangali": "bn",
    "bengaleg": "bn",
    "বাংলা": "bn",
    "বাঙলা": "bn",
}
